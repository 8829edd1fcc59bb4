/** The commands; the only code that prints. */
package org.levinv.app;
