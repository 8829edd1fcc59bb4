package org.levinv.files;

import io.jhdf.HdfFile;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import io.jhdf.api.dataset.ChunkedDataset;
import io.jhdf.api.dataset.ContiguousDataset;
import io.jhdf.dataset.DatasetBase;
import io.jhdf.exceptions.HdfException;
import io.jhdf.exceptions.HdfFilterException;
import io.jhdf.exceptions.UnsupportedHdfException;
import io.jhdf.filter.FilterManager;
import io.jhdf.object.datatype.DataType;
import io.jhdf.object.datatype.EnumDataType;
import io.jhdf.object.datatype.FixedPoint;
import io.jhdf.object.datatype.FloatingPoint;
import io.jhdf.object.message.DataLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.levinv.InvalidInputException;

/**
 * Datasets of HDF5 files. jHDF finds them; one whose numbers lie together is then read where it
 * lies, one in chunks is decoded once, slice by slice.
 */
final class Hdf5 {
  private static final int MOST_NAMED = 10;

  /** Groups within groups that are looked through for names. */
  private static final int MOST_DEEP = 4;

  /** Bytes that are decoded at once, or a row of chunks if that has more. */
  private static final int SLICE_BYTES = 1 << 24;

  /** Of any file of HDF5 (HDF5 File Format Specification, II.A). */
  private static final byte[] SIGNATURE = {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};

  /** As the library says it. */
  private static final String NO_FILTER = "filter is not available";

  static {
    FilterManager.addFilter(new Lzf());
  }

  private Hdf5() {}

  static StoredArray open(Input input) throws IOException {
    try (HdfFile hdf = new HdfFile(new BytesChannel(input.file()), input.path().toUri())) {
      return open(input, hdf);
    } catch (InvalidInputException | OutputException e) {
      throw e;
    } catch (RuntimeException e) { // damage shows in the library in many ways
      throw new InvalidInputException(input.name() + ": " + reason(input, e), e);
    }
  }

  /** In words of its own: where the library stumbled tells a reader nothing. */
  private static String reason(Input input, RuntimeException e) throws IOException {
    if (!hasSignature(input.file())) {
      return "expected a file of HDF5, got one without its signature";
    }
    boolean isUnknown = e instanceof UnsupportedHdfException || isFilterMissing(e);
    return isUnknown
        ? "it uses a part of HDF5 that is not read here: " + Quoted.of(e.getMessage())
        : "the file is damaged or truncated: the tables of HDF5 do not hold together";
  }

  private static boolean isFilterMissing(RuntimeException e) {
    return e instanceof HdfFilterException && String.valueOf(e.getMessage()).contains(NO_FILTER);
  }

  /** At byte 0, or after a user's own block of 512 bytes or a power of two more. */
  private static boolean hasSignature(Bytes file) throws IOException {
    ByteBuffer found = ByteBuffer.allocate(SIGNATURE.length);
    for (long at = 0; at + SIGNATURE.length <= file.size(); at = Math.max(512, 2 * at)) {
      file.read(at, found.clear());
      if (Arrays.equals(found.array(), SIGNATURE)) {
        return true;
      }
    }
    return false;
  }

  private static StoredArray open(Input input, HdfFile hdf) throws IOException {
    Dataset dataset = dataset(input, hdf);
    ItemType type = type(input.name(), dataset.getDataType());
    List<Long> shape = Arrays.stream(dataset.getDimensionsAsLong()).boxed().toList();
    if (!shape.contains(0L) && dataset.isEmpty()) {
      throw new InvalidInputException(input.name() + ": expected numbers, but none were written");
    }
    if (dataset instanceof ContiguousDataset together) {
      long offset = hdf.getUserBlockSize() + together.getDataAddress();
      long size = input.file().size();
      if (offset < 0 || offset > size || dataset.getSizeInBytes() > size - offset) {
        throw new InvalidInputException(input.name() + ": the file is truncated");
      }
      return new StoredArray(input.name(), input.file(), offset, type, false, shape, null);
    }
    Spool spool = new Spool();
    try {
      decode(input.name(), dataset, type, spool);
      input.file().checkUnchanged();
      return new StoredArray(input.name(), spool, 0, type, false, shape, null);
    } catch (IOException | RuntimeException | Error e) {
      spool.close();
      throw e;
    }
  }

  /** The dataset that was asked for; a file's only one need not be. */
  private static Dataset dataset(Input input, HdfFile hdf) {
    if (input.member() != null) {
      String path = input.member().replaceFirst("^/+", "");
      try {
        return hdf.getDatasetByPath(path);
      } catch (HdfException e) {
        throw named(input, datasets(hdf, 0));
      }
    }
    List<Dataset> all = datasets(hdf, 0);
    if (all.size() != 1) {
      throw named(input, all);
    }
    return all.get(0);
  }

  private static InvalidInputException named(Input input, List<Dataset> all) {
    List<String> paths = all.stream().limit(MOST_NAMED).map(d -> Quoted.of(d.getPath())).toList();
    String expected =
        all.isEmpty()
            ? "its datasets, but it has none"
            : "the datasets " + String.join(", ", paths) + Npz.got(input);
    return new InvalidInputException(
        input.path() + ": expected FILE:/PATH with one of " + expected);
  }

  private static List<Dataset> datasets(Group group, int depth) {
    List<Dataset> found = new ArrayList<>();
    for (Node node : group.getChildren().values()) {
      if (node instanceof Dataset dataset) {
        found.add(dataset);
      } else if (node instanceof Group inner && depth < MOST_DEEP) {
        found.addAll(datasets(inner, depth + 1));
      }
      if (found.size() > MOST_NAMED) {
        break;
      }
    }
    return found;
  }

  private static ItemType type(String name, DataType stored) {
    if (stored instanceof EnumDataType named) {
      return type(name, named.getBaseType()); // as h5py writes booleans
    }
    if (stored instanceof FixedPoint integer
        && integer.getBitPrecision() == 8 * integer.getSize()) {
      ItemType.Kind kind = integer.isSigned() ? ItemType.Kind.SIGNED : ItemType.Kind.UNSIGNED;
      return new ItemType(kind, integer.getSize(), integer.getByteOrder());
    }
    if (stored instanceof FloatingPoint real && isIeee(real)) {
      return new ItemType(ItemType.Kind.FLOAT, real.getSize(), real.getByteOrder());
    }
    throw new InvalidInputException(
        name
            + ": expected real numbers of at most 64 bits, got "
            + stored.getClass().getSimpleName()
            + " of "
            + stored.getSize()
            + " bytes");
  }

  private static boolean isIeee(FloatingPoint real) {
    return switch (real.getSize()) {
      case 2 -> real.getExponentSize() == 5;
      case 4 -> real.getExponentSize() == 8;
      case 8 -> real.getExponentSize() == 11;
      default -> false;
    };
  }

  /** Whole rows of chunks, so that each chunk is decoded once. */
  private static void decode(String name, Dataset dataset, ItemType type, Spool spool) {
    DatasetBase raw = (DatasetBase) dataset;
    if (dataset.getDataLayout() == DataLayout.COMPACT) {
      spool.append(raw.getDataBuffer().duplicate());
      return;
    }
    long[] extents = dataset.getDimensionsAsLong();
    if (extents.length < 1 || extents.length > 2) {
      return; // refused by its shape
    }
    ChunkedDataset chunks = (ChunkedDataset) dataset;
    requireEveryChunk(name, chunks, extents);
    long columns = extents.length == 2 ? extents[1] : 1;
    int chunkRows = chunks.getChunkDimensions()[0];
    long fitting = SLICE_BYTES / (columns * type.size()) / chunkRows * chunkRows;
    long sliceRows = Math.max(chunkRows, fitting);
    for (long first = 0; first < extents[0]; first += sliceRows) {
      int count = (int) Math.min(sliceRows, extents[0] - first);
      long[] offset = new long[extents.length];
      int[] slice = new int[extents.length];
      offset[0] = first;
      slice[0] = count;
      if (slice.length == 2) {
        slice[1] = Math.toIntExact(columns);
      }
      spool.append(raw.getSliceDataBuffer(offset, slice));
    }
  }

  /** Chunks that were never written hold the fill value, which slices leave at zero. */
  private static void requireEveryChunk(String name, ChunkedDataset chunks, long[] extents) {
    if (!(chunks.getFillValue() instanceof Number fill) || fill.doubleValue() == 0) {
      return;
    }
    int[] chunk = chunks.getChunkDimensions();
    int[] at = new int[extents.length];
    for (long i = 0; i < extents[0]; i += chunk[0]) {
      for (long j = 0; j < (extents.length == 2 ? extents[1] : 1); j += chunk[chunk.length - 1]) {
        at[at.length - 1] = (int) j;
        at[0] = (int) i;
        try {
          chunks.getRawChunkBuffer(at);
        } catch (HdfException e) {
          throw new InvalidInputException(
              name + ", rows from " + i + " on: expected numbers, but none were written", e);
        }
      }
    }
  }
}
