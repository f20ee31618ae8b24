// Trains a small model of the Korteweg-de Vries equation, on data that it generates, and says what it learned:
//   train RUN [KEY=VALUE ..]     e.g. train run train.max_steps=2000
#include <iostream>
#include <msde/msde.hpp>

int main(int argc, char** argv) try {
  if (argc < 2) {
    std::cerr << "usage: train RUN [KEY=VALUE ..]\n";
    return 2;
  }
  std::vector<std::string> assignments = {"data.generate.n_steps=101", "data.generate.n_train=4",
                                          "train.max_steps=200", "rollout.max_steps=20"};
  assignments.insert(assignments.end(), argv + 2, argv + argc);
  const auto configuration = msde::Configuration::of_case("kdv_1d", assignments);

  msde::receive_messages([](const msde::Message& message) { std::cerr << message.text << "\n"; });
  const msde::Model model = msde::train_model(configuration, argv[1], {.resume = true});
  std::cout << model.facts().parameters << " numbers were trained; " << model.facts().n_zeta << " + "
            << model.facts().n_eta << " states stand for " << model.facts().axes[0].points << " points\n";
  return 0;
} catch (const msde::Error& error) {
  std::cerr << "train: " << error.what() << "\n";
  return static_cast<int>(error.code());
}
