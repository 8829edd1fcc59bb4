package org.levinv.method.local;

import org.levinv.device.Workspace;
import org.levinv.model.Regularizer;
import org.levinv.pass.FieldGramPass;
import org.levinv.rows.Field;
import org.levinv.rows.RowStore;

/** The regulariser of the rows of a test. */
final class Regularizers {
  private Regularizers() {}

  static Regularizer of(RowStore store, Workspace space) {
    return store.has(Field.OMEGA)
        ? Regularizer.of(store.run(new FieldGramPass(Field.OMEGA)), space)
        : Regularizer.none(store.columns(), space);
  }
}
