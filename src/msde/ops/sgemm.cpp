// The product of matrices that LibTorch asks the BLAS for, made in registers instead.
//
// libblas.so.3 is an ordinary shared library, so the program's sgemm_ comes before its own. Under msde's
// threads the libraries that may stand there differ by a factor of 14; this one is the same everywhere. An
// OpenBLAS on OpenMP keeps what is asked for outside parallel regions: it shares large products out among the
// threads.
#include <dlfcn.h>
#include <omp.h>

#include <algorithm>
#include <cctype>
#include <cstdint>

#include "msde/kernels/products.hpp"
#include "msde/tensor/blas/library_file.hpp"

namespace msde {
namespace {

using Sgemm = void (*)(const char*, const char*, const int*, const int*, const int*, const float*,
                       const float*, const int*, const float*, const int*, const float*, float*, const int*);

Sgemm library_that_shares_out() {
  const auto parallel = reinterpret_cast<int (*)()>(dlsym(RTLD_NEXT, "openblas_get_parallel"));
  void* const sgemm = dlsym(RTLD_NEXT, "sgemm_");
  constexpr int openmp = 2;
  if (parallel == nullptr || parallel() != openmp) return nullptr;
  // An OpenBLAS that serves the LAPACK alone, beside another BLAS, lies in another folder.
  const bool one_library =
      library_file(reinterpret_cast<void*>(parallel)).parent_path() == library_file(sgemm).parent_path();
  return one_library ? reinterpret_cast<Sgemm>(sgemm) : nullptr;
}

bool is_transposed(const char* word) {
  return std::toupper(static_cast<unsigned char>(*word)) != 'N';
}

// Rows of c in pieces, on as many threads as there is work for.
void multiply_shared(const Product& p, const StridedMatrix& a, const StridedMatrix& b, float* c,
                     int64_t distance) {
  constexpr int64_t kWorkOfThread = 1 << 20, kRows = 24;  // multiply-adds that repay a thread's waking
  const int64_t most = omp_in_parallel() ? 1 : omp_get_max_threads();
  const int64_t pieces = std::clamp(std::min(p.m * p.n * p.k / kWorkOfThread, p.m / kRows), int64_t{1}, most);
  if (pieces == 1) return multiply(p, a, b, c, distance);
#pragma omp parallel for num_threads(static_cast <int>(pieces)) schedule(static)
  for (int64_t i = 0; i < pieces; ++i) {
    const int64_t begin = p.m * i / pieces, end = p.m * (i + 1) / pieces;
    Product piece = p;
    piece.m = end - begin;
    multiply(piece, {a.first + begin * a.row, a.row, a.column}, b, c + begin * distance, distance);
  }
}

}  // namespace
}  // namespace msde

// C = alpha op(A) op(B) + beta C, column by column in memory: rows of C^T = op(B)^T op(A)^T.
extern "C" void sgemm_(const char* transa, const char* transb, const int* m, const int* n, const int* k,
                       const float* alpha, const float* a, const int* lda, const float* b, const int* ldb,
                       const float* beta, float* c, const int* ldc) {
  using namespace msde;
  static const Sgemm library = library_that_shares_out();
  if (library != nullptr && !omp_in_parallel())
    return library(transa, transb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
  if (*m <= 0 || *n <= 0) return;
  const auto transposed = [](const char* word, const float* first, int distance) {
    return is_transposed(word) ? StridedMatrix{first, 1, distance} : StridedMatrix{first, distance, 1};
  };
  multiply_shared({*n, *m, *alpha == 0 ? 0 : *k, *alpha, *beta}, transposed(transb, b, *ldb),
                  transposed(transa, a, *lda), c, *ldc);
}
