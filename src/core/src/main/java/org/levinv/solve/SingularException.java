package org.levinv.solve;

/** diag(A x - b)^-1 A is singular at some x, which then has no scores. */
final class SingularException extends ArithmeticException {
  private static final long serialVersionUID = 1L;

  SingularException() {
    super("diag(Ax - b)^-1 A is singular at this x");
  }
}
