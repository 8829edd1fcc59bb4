/**
 * Inverts leverage scores: given A (n x d), b (n) and target scores sigma (n), finds x (d) such
 * that the rows of diag(A x - b)^-1 A have the leverage scores sigma.
 *
 * <pre>
 *   try (Inverter inverter = Inverter.open()) {
 *     Result result = inverter.invert(Problem.of(A, b, sigma), Options.defaults());
 *     if (result.status() == Status.CONVERGED) {
 *       use(result.x());
 *     }
 *   }
 * </pre>
 *
 * <p>An {@link org.levinv.Inverter} owns a device, and is used by one thread at a time. Numbers
 * come as arrays or, for any number of rows, as an {@link org.levinv.device.RowSource} and {@link
 * org.levinv.VectorSource}s, which are read piece by piece, as often as needed. How a solve ended
 * is a {@link org.levinv.Status} with a message that has the deciding value and its bound; an input
 * that cannot be used is an {@link org.levinv.InvalidInputException}, raised before any work, and a
 * device that does not work here a {@link org.levinv.device.DeviceException}.
 *
 * <h2>To end a solve</h2>
 *
 * <p>Four ways, each with the best x so far as its result: {@link
 * org.levinv.Options#withTimeLimit}, {@link org.levinv.Options#withMaxWork}, a {@link
 * org.levinv.Progress} whose {@link org.levinv.Progress#stop} says so, and an interrupt of the
 * solving thread, whose flag stays set. An exception that a progress throws ends the solve too, but
 * without a result; the inverter can be used again after each.
 *
 * <p>A search that is killed has no result, but its progress may have kept where it stood: see
 * {@link org.levinv.Standing}.
 *
 * <h2>Native libraries</h2>
 *
 * <p>This module has none. The devices of levinv-cpu and levinv-cuda load theirs when they are
 * opened, and Java 24 and later warn of that where it was not allowed: on the class path by {@code
 * --enable-native-access=ALL-UNNAMED}, or {@code Enable-Native-Access: ALL-UNNAMED} in the manifest
 * of an executable jar; on the module path by the names of the modules that are used, {@code
 * --enable-native-access=org.bytedeco.javacpp,org.bytedeco.openblas} for the CPU, {@code
 * jcuda,jcublas,jcusolver,org.levinv.cuda} for a card. There {@code --add-modules ALL-MODULE-PATH}
 * brings the modules that hold native libraries alone.
 *
 * <p>Nothing is printed, and no thread outlives what it was started for.
 */
package org.levinv;
