package org.levinv;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Nothing names a layer above it, and each library is named in one place. */
class LayersTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("org.levinv");

  @Test
  void layers_nameOnlyLayersBelow() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("cli")
        .definedBy("org.levinv.cli")
        .layer("io")
        .definedBy("org.levinv.io")
        .layer("api")
        .definedBy("org.levinv")
        .layer("method")
        .definedBy("org.levinv.method..")
        .layer("model")
        .definedBy("org.levinv.model")
        .layer("tall")
        .definedBy("org.levinv.tall")
        .layer("device")
        .definedBy("org.levinv.device..")
        .whereLayer("cli")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("io")
        .mayOnlyBeAccessedByLayers("cli")
        .whereLayer("api")
        .mayOnlyBeAccessedByLayers("cli", "io")
        .whereLayer("method")
        .mayOnlyBeAccessedByLayers("api")
        .whereLayer("model")
        .mayOnlyBeAccessedByLayers("api", "method")
        .whereLayer("tall")
        .mayOnlyBeAccessedByLayers("api", "method", "model")
        .check(CLASSES);
  }

  @Test
  void openBlas_isNamedInTheCpuPackageOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.levinv.device.cpu..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.bytedeco..")
        .check(CLASSES);
  }

  @Test
  void jcuda_isNamedInTheCudaPackageOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.levinv.device.cuda..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("jcuda..")
        .check(CLASSES);
  }

  @Test
  void devices_doNotNameEachOther() {
    String[] devices = {
      "org.levinv.device.cpu..", "org.levinv.device.cuda..", "org.levinv.device.reference.."
    };
    for (String device : devices) {
      noClasses()
          .that()
          .resideInAPackage(device)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              Arrays.stream(devices).filter(other -> !other.equals(device)).toArray(String[]::new))
          .check(CLASSES);
    }
  }

  @Test
  void methods_nameNoDevice() {
    noClasses()
        .that()
        .resideInAnyPackage("org.levinv.method..", "org.levinv.model..", "org.levinv.tall..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.levinv.device.cpu..", "org.levinv.device.cuda..", "org.levinv.device.reference..")
        .check(CLASSES);
  }

  @Test
  void libraryCode_printsNothing() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.levinv.cli..")
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .check(CLASSES);
  }
}
