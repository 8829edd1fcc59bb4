package org.levinv.solve;

/** diag(A x - b)^-1 A is singular, or has no value, at some x, which then has no scores. */
final class SingularException extends ArithmeticException {
  private static final long serialVersionUID = 1L;

  SingularException() {
    super("diag(Ax - b)^-1 A is singular at this x");
  }

  SingularException(long row) {
    super("row " + row + ": expected a nonzero a_i.x - b_i, got 0, where scores have no value");
  }
}
