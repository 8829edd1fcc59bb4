"""sass.py NVDISASM CUBIN ...: the innermost loops of the kernels for few columns, as the multiprocessor executes them.

Prints for each kernel the instructions of its hot loop, those on the units for doubles, and loads of the card's memory by
width; fails where a loop has more instructions than BUDGET says. ci/nvidia sass calls it.
"""
import collections
import re
import subprocess
import sys

# Instructions of the hot loop for sm_90 by NVRTC 12.4, and some tenth more: other versions schedule otherwise.
BUDGET = {
    "gramUnits8": 115, "gramUnits16": 82, "gramUnits32": 93, "gramUnits48": 127, "gramUnits64": 190,
    "slackGramUnits8": 292, "slackGramUnits16": 184, "slackGramUnits32": 123, "slackGramUnits48": 158,
    "slackGramUnits64": 207, "formsUnits8": 56, "formsUnits16": 84, "formsUnits32": 170, "formsUnits48": 291,
    "formsUnits64": 443,
}
OPERATION = re.compile(r"\s*/\*[0-9a-f]{4}\*/\s+(?:@!?U?P\w+\s+)?([A-Z0-9_.]+)")


def hot_loop(lines):
    """Operations of the innermost loop that multiplies most."""
    labels = {match.group(1): at for at, line in enumerate(lines) if (match := re.match(r"\s*(\.L_x_\d+):", line))}
    loops = []
    for at, line in enumerate(lines):
        back = re.search(r"\bBRA\b.*`\((\.L_x_\d+)\)", line)
        if back and labels.get(back.group(1), at + 1) <= at:
            loops.append((labels[back.group(1)], at))
    inner = [one for one in loops if not any(one != other and one[0] <= other[0] and other[1] <= one[1] for other in loops)]
    found = [[m.group(1) for line in lines[a:b + 1] if (m := OPERATION.match(line))] for a, b in inner]
    return max(found, key=lambda ops: sum(op.startswith(("DMMA", "DFMA", "FFMA")) for op in ops), default=[])


def main():
    too_long = 0
    print("%-22s %12s %6s %6s  %s" % ("kernel", "instructions", "DMMA", "FP64", "loads"))
    for cubin in sys.argv[2:]:
        text = subprocess.run([sys.argv[1], "-c", cubin], capture_output=True, text=True, check=True).stdout
        for section in re.split(r"(?m)^\s*\.section\s+\.text\.", text)[1:]:
            name = re.match(r"\w+", section).group()
            if not re.search("gram|forms|Gram", name):
                continue
            ops = hot_loop(section.split("\n"))
            kinds = collections.Counter(op.split(".")[0] for op in ops)
            loads = collections.Counter(op for op in ops if op.startswith("LDG"))
            late = len(ops) > BUDGET.get(name, len(ops))
            too_long += late
            doubles = sum(kinds[kind] for kind in ("DFMA", "DMUL", "DADD", "DSETP", "F2F"))
            words = ", ".join("%d %s" % (count, op) for op, count in sorted(loads.items()))
            print("%-22s %12d %6d %6d  %s%s" % (
                name, len(ops), kinds["DMMA"], doubles, words, "  expected %d at most" % BUDGET[name] if late else ""))
    sys.exit(1 if too_long else 0)


if __name__ == "__main__":
    main()
