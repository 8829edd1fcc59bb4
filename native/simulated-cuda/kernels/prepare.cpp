// Rewrites a .cu file so that the host compiler can build it: prepare OUT.cpp FILE.cu HEADER.cuh...
// __shared__ arrays become references into the block's memory, extern "C" goes (each file has a namespace of its own),
// and a table of its kernels is added. Without .cu file, the table of all files: prepare OUT.cpp --table FILE...
#include <cstdio>
#include <fstream>
#include <iostream>
#include <regex>
#include <sstream>
#include <string>

static std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    std::cerr << "prepare: cannot read " << path << "\n";
    exit(1);
  }
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

static std::string nameOf(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

static std::string identifierOf(const std::string& path) {
  return "file_" + std::regex_replace(nameOf(path), std::regex("[^A-Za-z0-9]"), "_");
}

/// The same hash as hashOf of the device.
static unsigned long long hashOf(const std::string& text) {
  unsigned long long hash = 14695981039346656037ull;
  for (unsigned char c : text) {
    hash = (hash ^ c) * 1099511628211ull;
  }
  return hash;
}

/// Blanks out comments, and keeps lines and columns.
static std::string withoutComments(std::string text) {
  for (size_t k = 0; k + 1 < text.size(); k++) {
    if (text[k] == '"') {
      for (k++; k < text.size() && text[k] != '"' && text[k] != '\n'; k++) {
        k += text[k] == '\\';
      }
    } else if (text[k] == '/' && text[k + 1] == '/') {
      for (; k < text.size() && text[k] != '\n'; k++) {
        text[k] = ' ';
      }
    } else if (text[k] == '/' && text[k + 1] == '*') {
      size_t end = text.find("*/", k + 2);
      end = end == std::string::npos ? text.size() : end + 2;
      for (; k < end; k++) {
        if (text[k] != '\n') {
          text[k] = ' ';
        }
      }
      k--;
    }
  }
  return text;
}

int main(int count, char** arguments) {
  std::ofstream out(arguments[1], std::ios::binary);
  if (count > 2 && std::string(arguments[2]) == "--table") {
    out << "#include \"device/device.h\"\nnamespace simulated {\n";
    for (int k = 3; k < count; k++) {
      if (nameOf(arguments[k]).find(".cuh") == std::string::npos) {
        out << "extern const Kernel " << identifierOf(arguments[k]) << "[];\nextern const int "
            << identifierOf(arguments[k]) << "_count;\n";
      }
    }
    out << "const std::vector<KernelFile>& kernelFiles() {\n  static const std::vector<KernelFile> files = {\n";
    for (int k = 3; k < count; k++) {
      std::string id = identifierOf(arguments[k]);
      bool header = nameOf(arguments[k]).find(".cuh") != std::string::npos;
      out << "    {\"" << nameOf(arguments[k]) << "\", " << hashOf(read(arguments[k])) << "ull, "
          << (header ? "nullptr, 0" : id + ", " + id + "_count") << "},\n";
    }
    out << "  };\n  return files;\n}\n}\n";
    return 0;
  }
  std::string path = arguments[2];
  std::string text = withoutComments(read(path));
  std::regex kernel("extern\\s+\"C\"\\s+__global__\\s+void\\s+(?:__launch_bounds__\\s*\\(([^)]*)\\)\\s*)?([A-Za-z_]\\w*)\\s*\\(");
  std::string table;
  for (std::sregex_iterator k(text.begin(), text.end(), kernel), end; k != end; ++k) {
    std::string bounds = (*k)[1].str();
    table += "  KERNEL(" + (*k)[2].str() + ", (" + (bounds.empty() ? "1024" : bounds.substr(0, bounds.find(','))) + ")),\n";
  }
  text = std::regex_replace(text, std::regex("extern\\s+\"C\"\\s+__global__"), "__global__");
  text = std::regex_replace(text, std::regex("extern\\s+__shared__\\s+([A-Za-z_][\\w ]*?)\\s+(\\w+)\\s*\\[\\s*\\]\\s*;"),
                            "$1* $2 = reinterpret_cast<$1*>(simulated::dynamicShared());");
  text = std::regex_replace(text, std::regex("__shared__\\s+([A-Za-z_][\\w ]*?)\\s+(\\w+)\\s*((?:\\[[^\\]]*\\]\\s*)*);"),
                            "using $2_shared = $1 $3; static simulated::Shared $2_place; $2_shared& $2 = "
                            "*reinterpret_cast<$2_shared*>(simulated::place($2_place, \"$2\", sizeof($2_shared), 16));");
  out << "#include \"kernels/emulation.h\"\nnamespace {\n#line 1 \"" << path << "\"\n"
      << text << "\n}\nnamespace simulated {\nextern const Kernel " << identifierOf(path) << "[];\nextern const int "
      << identifierOf(path) << "_count;\nconst Kernel " << identifierOf(path) << "[] = {\n"
      << table << "  {nullptr, 0, 0, nullptr}};\nconst int " << identifierOf(path) << "_count = sizeof "
      << identifierOf(path) << " / sizeof(Kernel) - 1;\n}\n";
  return 0;
}
