/** What several methods share. */
package org.levinv.method.common;
