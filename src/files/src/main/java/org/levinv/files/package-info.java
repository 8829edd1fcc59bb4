/** Matrices and vectors from files, and result files that appear whole or not at all. */
package org.levinv.files;
