/** What several methods share: mixing, terminations. */
package org.levinv.method.common;
