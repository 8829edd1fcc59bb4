/**
 * What all numbers are computed by: the primitives of a {@link org.levinv.device.Device}, and
 * {@link org.levinv.device.DeviceProvider}, by which a module offers one.
 *
 * <p>Of these {@link org.levinv.device.RowSource}, {@link org.levinv.device.Precision} and {@link
 * org.levinv.device.DeviceException} are for everyone; the others are for who brings a device of
 * his own, and may change.
 */
package org.levinv.device;
