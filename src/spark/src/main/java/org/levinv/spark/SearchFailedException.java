package org.levinv.spark;

import org.levinv.Result;

/** A search ended without the answer, for a reason that its result names. */
public final class SearchFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Result result;

  SearchFailedException(String uid, Result result) {
    super(
        uid
            + ": the search ended with "
            + result.status().word()
            + ": "
            + result.message()
            + " (handleFailure 'keep' makes a model of the best x so far)");
    this.result = result;
  }

  /** With the best x so far, where there is one; null after this exception was serialised. */
  public Result result() {
    return result;
  }
}
