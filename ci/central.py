#!/usr/bin/env python3
"""central.py FOLDER: whether the artifacts of a Maven repository's folder are what Maven Central accepts.

Central asks for coordinates, name, description, address, licence, developers and source control, in the pom or its
parent, for sources and Javadoc beside each jar, and for versions and dependencies that are published too. Signatures are
made by who publishes and are not looked at.
"""
import os
import re
import sys
import xml.etree.ElementTree as ElementTree
import zipfile

SPACE = "{http://maven.apache.org/POM/4.0.0}"
INHERITED = ("url", "licenses/license/name", "licenses/license/url", "developers/developer/name", "scm/connection",
             "scm/url")
OWN = ("name", "description", "artifactId")


def text(pom, path):
    found = pom.find("/".join(SPACE + part for part in path.split("/")))
    return None if found is None else (found.text or "").strip()


def faults(folder, poms):
    """Of one artifact, a sentence each."""
    artifact, pom = os.path.basename(folder), poms[os.path.basename(folder)]
    parent = poms.get(text(pom, "parent/artifactId"), pom)
    version = text(pom, "version") or text(parent, "version")
    for path in OWN:
        if not text(pom, path):
            yield "expected <%s>" % path
    for path in INHERITED:
        if not (text(pom, path) or text(parent, path)):
            yield "expected <%s>, here or in the parent" % path
    if version is None or version.endswith("SNAPSHOT"):
        yield "expected a released version, got %s" % version
    for part in ("repositories", "pluginRepositories"):
        if pom.find(SPACE + part) is not None or parent.find(SPACE + part) is not None:
            yield "expected no <%s>: Central has to suffice" % part
    if (text(pom, "packaging") or "jar") != "jar":
        return
    jars = {}
    for kind in ("", "-sources", "-javadoc"):
        name = os.path.join(folder, version, "%s-%s%s.jar" % (artifact, version, kind))
        if not os.path.exists(name):
            yield "expected %s" % os.path.basename(name)
            continue
        with zipfile.ZipFile(name) as jar:
            jars[kind] = jar.namelist()
            if not kind and re.search(r"(?m)^Class-Path:", jar.read("META-INF/MANIFEST.MF").decode()):
                yield "expected no Class-Path in the manifest"
    wanted = {"": r"\.class$", "-sources": r"\.java$", "-javadoc": r"(^|/)index\.html$"}
    for kind, names in jars.items():
        if not any(re.search(wanted[kind], name) for name in names):
            yield "expected %s in the %s jar" % (wanted[kind], kind or "main")


def main():
    root = sys.argv[1]
    poms = {}
    for artifact in sorted(os.listdir(root)):
        folder = os.path.join(root, artifact)
        for place, _, files in os.walk(folder):
            poms.update({artifact: ElementTree.parse(os.path.join(place, name)).getroot()
                         for name in files if name.endswith(".pom")})
    expected = {"levinv", "levinv-parent", "levinv-core", "levinv-cpu", "levinv-cuda", "levinv-files", "levinv-app"}
    found = [(name, fault) for name in poms for fault in faults(os.path.join(root, name), poms)]
    found += [(name, "expected to be there") for name in expected - set(poms)]
    for name, fault in found:
        print("%s: %s" % (name, fault), file=sys.stderr)
    print("%d artifacts are what Maven Central accepts" % len(poms) if not found else "not ready for Maven Central")
    sys.exit(1 if found else 0)


main()
