/** Plain loops over Java arrays: slow, obvious, and what every other device is tested against. */
package org.levinv.device.reference;
