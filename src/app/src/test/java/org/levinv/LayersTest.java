package org.levinv;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("org.levinv");

  /** One class of each module: rules about classes that were not read would hold. */
  @Test
  void everyModule_isRead() {
    String[] classes = {
      "Inverter",
      "device.reference.ReferenceDevice",
      "device.cpu.CpuDevice",
      "device.cuda.CudaDevice",
      "files.Inputs",
      "app.Main"
    };
    for (String name : classes) {
      assertTrue(CLASSES.contain("org.levinv." + name), name);
    }
    assertFalse(CLASSES.contain(LayersTest.class));
    assertFalse(CLASSES.contain("org.levinv.device.TestedDevices"));
  }

  @Test
  void layers_nameOnlyLayersBelow() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("app")
        .definedBy("org.levinv.app..")
        .layer("files")
        .definedBy("org.levinv.files")
        .layer("api")
        .definedBy("org.levinv")
        .layer("solve")
        .definedBy("org.levinv.solve")
        .layer("method")
        .definedBy("org.levinv.method..")
        .layer("pass")
        .definedBy("org.levinv.pass")
        .layer("rows")
        .definedBy("org.levinv.rows")
        .layer("model")
        .definedBy("org.levinv.model")
        .layer("tall")
        .definedBy("org.levinv.tall")
        .layer("device")
        .definedBy("org.levinv.device..")
        .whereLayer("app")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("files")
        .mayOnlyBeAccessedByLayers("app")
        .whereLayer("method")
        .mayOnlyBeAccessedByLayers("solve")
        .whereLayer("pass")
        .mayOnlyBeAccessedByLayers("solve", "method", "model")
        .whereLayer("rows")
        .mayOnlyBeAccessedByLayers("solve", "method", "model", "pass")
        .whereLayer("model")
        .mayOnlyBeAccessedByLayers("solve", "method", "pass")
        .whereLayer("tall")
        .mayOnlyBeAccessedByLayers("solve", "method", "model", "pass", "rows")
        .check(CLASSES);
  }

  /** The room of a solve is no part of the public interface. */
  @Test
  void solves_areNamedByTheInverterOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.levinv.solve")
        .and()
        .doNotHaveFullyQualifiedName("org.levinv.Inverter")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.levinv.solve")
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
        .resideOutsideOfPackage("org.levinv.app..")
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .check(CLASSES);
  }
}
