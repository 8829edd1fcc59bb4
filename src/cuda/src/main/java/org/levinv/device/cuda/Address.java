package org.levinv.device.cuda;

import jcuda.driver.CUdeviceptr;

/** A place in device memory, as cuBLAS and as kernels take it. */
final class Address extends CUdeviceptr {

  /** Nowhere, until an allocation fills it in. */
  Address() {}

  private Address(Address from, long bytes) {
    super(from, bytes);
  }

  /** The place {@code doubles} further. */
  Address plus(long doubles) {
    return plusBytes(Double.BYTES * doubles);
  }

  /** The place {@code floats} further. */
  Address plusFloats(long floats) {
    return plusBytes(Float.BYTES * floats);
  }

  Address plusBytes(long bytes) {
    return bytes == 0 ? this : new Address(this, bytes);
  }

  /** The place as a number. */
  long value() {
    return getNativePointer() + getByteOffset();
  }
}
