/**
 * report.html: a result as one page of text, tables and plots, without scripts, and without
 * anything that would have to be loaded. Of n rows it keeps counts in bins, or the rows themselves
 * where they are few.
 */
package org.levinv.app.report;
