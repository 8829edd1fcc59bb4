package org.levinv.device.cuda;

/**
 * What the host promises to a card, as a program for {@code ci/seeded-bugs}: tests that find waits
 * that are missing, in every order of the streams. Ends with 1 where one fails.
 */
public final class StreamsOnStandIns {
  private int failures;

  private StreamsOnStandIns() {}

  private void check(String what, Runnable test) {
    try {
      test.run();
      System.out.println("ok      " + what);
    } catch (AssertionError | RuntimeException e) {
      failures++;
      System.out.println("FAILED  " + what + ": " + e.getMessage());
    }
  }

  public static void main(String[] args) {
    StreamsOnStandIns all = new StreamsOnStandIns();
    CudaUploadTest uploads = new CudaUploadTest();
    all.check("a source", uploads::eightProcessors_readAtOnce);
    all.check("a source between kernels", uploads::aSource_comesAfterTheKernelsBefore);
    all.check("a source that is refused", uploads::aRefusedRow_isTheFirstOne);
    all.check("many numbers", uploads::whatIsDownloaded_isThatOfTheKernelsBefore);
    CardMemoryTest memory = new CardMemoryTest();
    for (long order : new long[] {SimulatedCuda.LATE, 12, 7654321}) {
      all.check(
          "a card that is full, order " + order,
          () -> {
            memory.simulatedDevice();
            memory.aBuffer_makesRoomForAWorkspace(order);
            memory.asUsual();
          });
    }
    for (long order : new long[] {SimulatedCuda.LATE, 22, 27}) {
      all.check(
          "a buffer that moves, order " + order,
          () -> {
            memory.simulatedDevice();
            memory.aBuffer_movesOnceWhileItIsFilled(order);
            memory.asUsual();
          });
    }
    all.check(
        "a card without room",
        () -> {
          memory.simulatedDevice();
          memory.aWorkspaceThatFitsNowhere_isRefused();
          memory.asUsual();
        });
    for (long order : new long[] {SimulatedCuda.LATE, 12}) {
      StreamOrdersTest test = new StreamOrdersTest();
      all.check(
          "memory of the host, order " + order,
          () -> {
            test.memoryOfTheHost_isFreedAfterItsUse(order);
            test.workOnOtherRows_doesNotWaitForACopy();
            test.memoryThatIsFreed_isLeftAlone();
            test.whatALibraryReturns_isOfItsCall(order);
          });
      test.inTheUsualOrder();
    }
    CudaStoreTest store = new CudaStoreTest();
    all.check(
        "rows that pass through a card",
        () -> {
          store.twoSimulatedCards();
          store.sameBitsWhereverRowsAre(64);
          store.nothingIsLeft();
        });
    SimulatedCuda.reset();
    StreamOrdersTest.orders()
        .forEach(
            of -> {
              StreamOrdersTest test = new StreamOrdersTest();
              Object[] how = of.get();
              all.check(
                  "random calls, order " + how[1] + ((boolean) how[0] ? ", in blocks" : ""),
                  () ->
                      test.anyOrderOfTheStreams_givesTheNumbersOfTheReference(
                          (boolean) how[0], (long) how[1]));
              test.inTheUsualOrder();
            });
    System.out.println(all.failures + " failures");
    System.exit(all.failures == 0 ? 0 : 1);
  }
}
