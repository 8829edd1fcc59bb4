package org.levinv.device.cuda;

import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuEventSynchronize;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoDAsync;
import static jcuda.driver.JCudaDriver.cuStreamWaitEvent;

import java.nio.FloatBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import jcuda.driver.CUevent;
import org.levinv.device.ReadAhead;
import org.levinv.device.RowSource;

/**
 * The way of rows from a source to the card. All cores read, each into pinned memory; what is full
 * is on its way while they fill what is free. Pinned once, since pinning is slow.
 */
final class SourceUpload {

  /**
   * Numbers of a piece at most: 1 MiB, 20 us on a bus of 50 GB/s, a few times the cost of a copy.
   */
  private static final int PIECE = 1 << 17;

  /** Numbers that a thread reads at least, 32 KiB: less costs more to hand out than to read. */
  private static final int SMALLEST_PIECE = 1 << 12;

  /** More of them would pin more than 64 MiB, and no bus keeps up with so many. */
  private static final int MOST_READERS = 32;

  /** Buffers at least, of which some are on their way while others are filled. */
  private static final int BUFFERS = 8;

  private final CudaContext context;
  private final PinnedRing ring;
  private final int readers;
  private final List<Piece> all = new ArrayList<>();

  /** Those that nothing uses but a copy; the oldest first. */
  private final Deque<Piece> sent = new ArrayDeque<>();

  private final CUevent used;

  SourceUpload(CudaContext context, PinnedRing ring) {
    this(context, ring, Runtime.getRuntime().availableProcessors());
  }

  /**
   * @param readers that read at once
   */
  SourceUpload(CudaContext context, PinnedRing ring, int readers) {
    this.context = context;
    this.ring = ring;
    this.readers = Math.min(MOST_READERS, readers);
    used = context.event();
  }

  /** Some rows, in pinned memory. */
  private final class Piece {
    final PinnedMemory memory = PinnedMemory.allocate((long) PIECE * Double.BYTES);
    final CUevent done = context.event();
    long first;
    int count;

    Piece() {
      context.own(() -> context.freeAfterCopies(List.of(memory)));
    }

    void put(double[] numbers, int used, int width) {
      if (width == Double.BYTES) {
        memory.bytes.asDoubleBuffer().put(0, numbers, 0, used);
        return;
      }
      FloatBuffer floats = memory.bytes.asFloatBuffer();
      for (int k = 0; k < used; k++) {
        floats.put(k, (float) numbers[k]);
      }
    }
  }

  /** All rows of a source to the front of {@code to}. */
  void run(RowSource from, CudaTall to) {
    int d = from.columns();
    long share = (from.rows() + readers - 1) / readers; // all of them read, whatever the size
    long least = Math.min(from.rows(), (SMALLEST_PIECE + d - 1) / d);
    int rows = (int) Math.max(1, Math.min(PIECE / d, Math.max(least, share)));
    if (rows >= from.rows() || d > PIECE) {
      byThisThread(from, to, rows);
      return;
    }
    cuEventRecord(used, context.stream);
    cuStreamWaitEvent(context.uploads, used, 0); // kernels may still use what is there
    makePieces();
    List<Piece> free = new ArrayList<>();
    while (!sent.isEmpty()) {
      free.add(arrived());
    }
    long pieces = (from.rows() + rows - 1) / rows;
    try (ReadAhead<Piece> reading =
        new ReadAhead<>(
            "levinv-upload",
            (int) Math.min(readers, pieces),
            pieces,
            free,
            () -> filler(from, rows, to.width()))) {
      for (Piece piece = reading.next(true); piece != null; piece = reading.next(true)) {
        send(piece, to);
        while (sent.size() > all.size() - readers) { // or some reader would have nothing to fill
          reading.giveBack(arrived());
        }
      }
    } finally {
      all.stream().filter(piece -> !sent.contains(piece)).forEach(sent::addFirst);
      to.arrivesWith(sent.getLast().done); // also of rows before one that is refused
    }
  }

  private static ReadAhead.Filler<Piece> filler(RowSource source, int rows, int width) {
    double[] numbers = new double[rows * source.columns()];
    return (piece, k, stopped) -> {
      piece.first = rows * k;
      piece.count = (int) Math.min(rows, source.rows() - piece.first);
      source.readShared(piece.first, piece.count, numbers);
      piece.put(numbers, piece.count * source.columns(), width);
    };
  }

  private void byThisThread(RowSource from, CudaTall to, int rows) {
    double[] some = new double[Math.multiplyExact(rows, from.columns())];
    for (long first = 0; first < from.rows(); first += rows) {
      int count = (int) Math.min(rows, from.rows() - first);
      from.readShared(first, count, some);
      if (to.width() == Double.BYTES) {
        ring.upload(some, count * from.columns(), to.row(first));
      } else {
        ring.uploadFloats(some, count * from.columns(), to.row(first));
      }
    }
  }

  /** Twice as many as readers, so that each finds one while the others are on their way. */
  private void makePieces() {
    while (all.size() < Math.max(BUFFERS, 2 * readers)) {
      Piece piece = new Piece();
      all.add(piece);
      sent.addFirst(piece); // its event has nothing to wait for
    }
  }

  private void send(Piece piece, CudaTall to) {
    sent.add(piece);
    long bytes = (long) piece.count * to.columns() * to.width();
    cuMemcpyHtoDAsync(to.placeOf(piece.first), piece.memory.pointer, bytes, context.uploads);
    cuEventRecord(piece.done, context.uploads);
  }

  /** The piece that was sent first, once it has left. */
  private Piece arrived() {
    Piece piece = sent.remove();
    cuEventSynchronize(piece.done);
    return piece;
  }
}
