/**
 * The methods of arXiv:2404.13785 and arXiv:2408.11267, which improve a start point: gradient
 * descent, exact and sampled Newton, Gauss-Newton, and a certificate of their answer. They name no
 * device, and run on any {@link org.levinv.model.Objective}.
 */
package org.levinv.method.local;
