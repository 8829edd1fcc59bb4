/**
 * Matrices and vectors from files, and result files that appear whole or not at all.
 *
 * <p>Two classes are for others: {@link org.levinv.files.Inputs} opens what is read, {@link
 * org.levinv.files.ResultFiles} writes what is found. All else is between them and the disk:
 *
 * <pre>
 *   Inputs       the list of formats, by the end of a file's name
 *   Format       an open file (Input) becomes a StoredArray: numbers of one ItemType, where they
 *                lie in some Bytes, and their shape
 *   StoredArray  makes the RowSource or VectorSource, with the checks that all formats share
 *   Items        reads numbers that lie together, Columns rows of a matrix stored by columns;
 *                a buffer for each reading thread, no lock
 *   Bytes        a SteadyFile, which outlives interrupts and notices changes, or a Spool
 * </pre>
 *
 * <p>Numbers are read where they lie if they can be: .npy, stored members of .npz, HDF5 datasets
 * that are not in chunks. What has to be decoded, that is text, gzip, deflated members and chunks,
 * is decoded once, when it is opened, into a Spool: memory off the heap up to 64 MiB, beyond that a
 * temporary file in {@code java.io.tmpdir}, deleted when the source is closed. Each pass then reads
 * it as it reads a .npy file, and the page cache is what decides how much of it stays in memory.
 *
 * <h2>To add a format</h2>
 *
 * <ol>
 *   <li>Write a class with a {@code static StoredArray open(Input)} as the others have it. Numbers
 *       that lie together as they are: return the input's bytes, the offset, the type and the
 *       order. Anything else: write little-endian doubles, row by row or column by column, to a
 *       {@code new Spool()}, close it if that fails, and return {@code ItemType.DOUBLE}.
 *   <li>Add the end of the file's name to the switch in {@code Inputs.format}; to {@code ARCHIVES}
 *       if a file holds several arrays; and take it out of {@code OtherFormats}, whose list says
 *       how files that are not read can be converted.
 *   <li>Refuse what is wrong with an {@code InvalidInputException} that says file, place, what was
 *       expected and what was found; text of the file goes through {@code Quoted}. Shapes, numbers
 *       that are not finite, changes and truncation while reading are dealt with already.
 *   <li>Test what it reads, a file that another program wrote (see make.py in the tests'
 *       resources), each refusal, and every truncation: a message, never a bug.
 * </ol>
 */
package org.levinv.files;
