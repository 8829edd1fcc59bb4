package org.levinv;

/** A vector in an array; its entries are checked when it is made. */
record ArrayVector(String name, double[] values) implements VectorSource {

  ArrayVector {
    Problem.checkFinite(name, InvalidInputException.requireGiven(name, values));
  }

  @Override
  public long length() {
    return values.length;
  }

  @Override
  public void read(long first, int count, double[] into, int at) {
    System.arraycopy(values, Math.toIntExact(first), into, at, count);
  }
}
