// The main of a harness without libFuzzer: fuzz_NAME FOLDER [MUTATIONS [FIRST]], or fuzz_NAME FILE .. to replay findings.
//
// Every file of the corpus, then so many mutations of it, numbered from FIRST on. An input that ends the process is left
// in the working folder.
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/fuzz/mutations.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

namespace fs = std::filesystem;

constexpr size_t kLongest = 16384;
constexpr unsigned kSeconds = 10;         // of one input
constexpr long kPeakKiB = 1024L * 1024L;  // of the process beyond its start

std::string name, input, label;  // of the input at hand, for the handler

void tell(const char* text) {
  [[maybe_unused]] const auto ignored = write(STDERR_FILENO, text, std::strlen(text));
}

void keep_input(int signal) {
  const std::string path = "finding-" + name;
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  [[maybe_unused]] const auto ignored = write(file, input.data(), input.size());
  tell(signal == SIGALRM ? "finding: more than 10 s: " : "finding: a signal: ");
  tell(label.c_str()), tell(", kept in "), tell(path.c_str()), tell("\n");
  std::_Exit(1);
}

long peak_kib() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  return use.ru_maxrss;
}

void run(const std::string& bytes, const std::string& called) {
  static const long before = peak_kib();
  input = bytes, label = called;
  alarm(kSeconds);
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
  alarm(0);
  if (peak_kib() - before > kPeakKiB) tell("finding: more than 1 GiB\n"), keep_input(0);
}

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2)
    return std::fprintf(stderr, "usage: %s FOLDER [MUTATIONS [FIRST]] | FILE ..\n", arguments[0]), 2;
  name = fs::path(arguments[0]).filename().string();
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGALRM}) ::signal(signal, keep_input);
  std::vector<fs::path> paths;
  std::vector<std::string> corpus;
  const bool is_folder = fs::is_directory(arguments[1]);
  if (is_folder)
    for (const auto& entry : fs::directory_iterator(arguments[1])) paths.push_back(entry.path());
  else
    paths.assign(arguments + 1, arguments + count);
  std::sort(paths.begin(), paths.end());
  for (const auto& path : paths) {
    corpus.push_back(content(path));
    run(corpus.back(), path.string());
  }
  const uint64_t mutations = is_folder && count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 0;
  const uint64_t first = is_folder && count > 3 ? std::strtoull(arguments[3], nullptr, 10) : 0;
  if (corpus.empty()) return std::fprintf(stderr, "%s: no corpus in %s\n", arguments[0], arguments[1]), 2;
  for (uint64_t i = first; i < first + mutations; ++i)
    run(msde::fuzz::mutated(corpus, i, kLongest), "mutation " + std::to_string(i));
  std::printf("%s: %zu inputs of the corpus, %llu mutations, peak %ld MiB\n", name.c_str(), corpus.size(),
              static_cast<unsigned long long>(mutations), peak_kib() / 1024);
  // Without what libraries do at the end: a file that was made in odd ways may leave HDF5 objects of closed files, which
  // HDF5 1.10 then closes once more. Leaks are looked for by .ci/fuzz, whose main is libFuzzer's.
  std::fflush(stdout);
  std::_Exit(0);
}
