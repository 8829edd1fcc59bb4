/**
 * What is asked of all rows, one question a class: a pass with its equation, its flops and a typed
 * answer. Whoever needs another sum over all rows adds a class here and a test beside it.
 */
package org.levinv.pass;
