// Scores a trained model on the test split of a dataset, or one file of fields against another:
//   score RUN DATA.h5
//   score TRUTH PREDICTION     datasets, forecasts of `msde predict`, HDF5, .npy
#include <filesystem>
#include <iostream>
#include <msde/msde.hpp>

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::cerr << "usage: score RUN DATA.h5, or score TRUTH PREDICTION\n";
    return 2;
  }
  const auto report = std::filesystem::is_directory(argv[1])
                          ? msde::score_model(msde::Model::load(argv[1]), msde::Data::open(argv[2]))
                          : msde::score_two_files(argv[1], argv[2]);
  for (const auto& [name, value] : report.metrics) std::cout << name << " " << value << "\n";
  return 0;
} catch (const msde::Error& error) {
  std::cerr << "score: " << error.what() << "\n";
  return static_cast<int>(error.code());
}
