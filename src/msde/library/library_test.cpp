// The library as its users see it: one header, linked against libmsde.so.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "msde/msde.hpp"

namespace msde {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kTiny = {
    "data.generate.n_steps=21", "data.generate.n_train=2", "data.generate.n_val=1",
    "data.generate.n_test=2",   "train.max_steps=4",       "rollout.max_steps=4",
    "calibrate.members=3",      "model.max_rank=20",       "model.local_modes=0"};

std::vector<std::string> tiny(std::vector<std::string> more = {}) {
  more.insert(more.begin(), kTiny.begin(), kTiny.end());
  return more;
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// One tiny trained run for all tests that only read it.
class Library : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::string pattern = (fs::temp_directory_path() / "msde_library_XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    use_threads(1);
    receive_messages([](const Message& message) { messages_.push_back(message); });
    model_ = std::make_unique<Model>(train_model(Configuration::of_case("kdv_1d", tiny()), run()));
    receive_messages({});
  }
  static void TearDownTestSuite() { fs::remove_all(folder_); }

  static std::string run() { return folder_ + "/run"; }
  static std::string data() { return run() + "/data/kdv_1d.h5"; }
  static Start start_of(const Data& data) { return {.first = data.fields("test", 0, 0, 1), .t0 = 0}; }

  static inline std::string folder_;
  static inline std::unique_ptr<Model> model_;
  static inline std::vector<Message> messages_;
};

template <class E, class F>
std::string what(F call) {
  try {
    call();
  } catch (const E& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST_F(Library, ConfigurationIsReadWrittenAndRefused) {
  const auto configuration = Configuration::of_case("wave_1d", {"train.lr=0.25"});
  EXPECT_EQ(configuration.value("train.lr"), "0.25");
  EXPECT_EQ(configuration.value("case.name"), "\"wave_1d\"");
  std::ofstream(folder_ + "/own.toml") << configuration.to_toml();
  EXPECT_EQ(Configuration(folder_ + "/own.toml").to_toml(), configuration.to_toml());
  EXPECT_NE(what<ConfigError>([] { Configuration("", {"train.lrr=1"}); }).find("train.lr"),
            std::string::npos);
  EXPECT_NE(what<ConfigError>([] { Configuration::of_case("kdv"); }).find("kdv_1d"), std::string::npos);
  EXPECT_NE(what<ConfigError>([&] { configuration.value("train.max_step"); }).find("train.max_steps"),
            std::string::npos);
}

TEST_F(Library, MovedValuesStayUsable) {
  auto configuration = Configuration::of_case("kdv_1d");
  auto d = Data::open(data());
  auto model = *model_;
  const auto other_configuration = std::move(configuration);
  const auto other_data = std::move(d);
  const auto other_model = std::move(model);
  EXPECT_EQ(configuration.value("case.name"),
            "\"kdv_1d\"");  // NOLINT(bugprone-use-after-move): that is the test
  EXPECT_EQ(d.facts().case_name, "kdv_1d");
  EXPECT_EQ(model.facts().n_zeta, other_model.facts().n_zeta);
}

TEST_F(Library, ThreadsHaveBounds) {
  for (const int64_t threads : {int64_t{-1}, int64_t{4097}, int64_t{4294967297}, INT64_MAX})
    EXPECT_NE(what<ConfigError>([&] { use_threads(threads); }).find("4096"), std::string::npos) << threads;
}

TEST_F(Library, PathsThatAreNone) {
  const std::string cut("a\0b", 3);
  for (const std::string& path : {std::string(), cut}) {
    EXPECT_THROW(Data::open(path), ConfigError);
    EXPECT_THROW(Data::open(path, Configuration("")), ConfigError);
    EXPECT_THROW(Model::load(path), ConfigError);
    EXPECT_THROW(model_->save(path), ConfigError);
    EXPECT_THROW(train_model(Configuration(""), path), ConfigError);
    EXPECT_THROW(score_two_files(path, data()), ConfigError);
  }
  EXPECT_THROW(Configuration{cut}, ConfigError);
  EXPECT_NE(what<DataError>([&] { Model::load(data()); }).find("no folder"), std::string::npos);
  EXPECT_THROW(Model::load(folder_ + "/absent"), DataError);
}

TEST_F(Library, DataAreSeenAsTheConfigurationSaysWithoutItsPath) {
  const auto whole = Data::open(data()).facts().axes.at(0);
  const auto part = Data::open(data(), Configuration("", {"data.crop=\"x=0:20\""})).facts().axes.at(0);
  EXPECT_EQ(part.points, 20);
  EXPECT_GT(whole.points, 20);
  EXPECT_THROW(train_model(Configuration::of_case("kdv_1d", {"data.crop=\"x=0:20\""}), folder_ + "/none"),
               ConfigError);
  EXPECT_FALSE(fs::exists(folder_ + "/none"));
}

TEST_F(Library, MessagesReachTheReceiver) {
  const auto any = [](Message::Kind kind, const char* text) {
    return std::any_of(messages_.begin(), messages_.end(), [&](const Message& m) {
      return m.kind == kind && m.text.find(text) != std::string::npos;
    });
  };
  EXPECT_TRUE(any(Message::Kind::progress, "generate kdv_1d 5/5"));
  EXPECT_TRUE(any(Message::Kind::progress, "elbo 4/4"));
  EXPECT_TRUE(any(Message::Kind::information, "rel_l2"));
}

TEST_F(Library, DataSayWhatTheyHold) {
  const auto d = Data::open(data());
  EXPECT_EQ(d.facts().case_name, "kdv_1d");
  ASSERT_EQ(d.facts().axes.size(), 1u);
  const Axis& x = d.facts().axes[0];
  EXPECT_EQ(x.name, "x");
  EXPECT_EQ(x.boundary, "periodic");
  EXPECT_DOUBLE_EQ(x.spacing * static_cast<double>(x.points), x.length);
  EXPECT_EQ(d.facts().splits.at("test").trajectories, 2);
  EXPECT_EQ(d.facts().splits.at("test").snapshots, 21);
  const auto two = d.fields("test", 1, 3, 2), clean = d.clean_fields("test", 1, 3, 2);
  EXPECT_EQ(two.shape, (std::vector<int64_t>{2, 1, x.points}));
  double square = 0;
  for (size_t i = 0; i < two.values.size(); ++i) square += std::pow(two.values[i] - clean.values[i], 2);
  EXPECT_NEAR(std::sqrt(square / static_cast<double>(two.values.size())), *d.facts().noise_std,
              .2 * *d.facts().noise_std);
  const auto times = d.times("test", 1);
  ASSERT_EQ(times.size(), 21u);
  EXPECT_NEAR(times[20] - times[0], 20 * d.facts().dt, 1e-6);
  EXPECT_EQ(d.mu("test").shape, (std::vector<int64_t>{2, d.facts().n_mu}));
  EXPECT_EQ(d.forcing("test").shape, (std::vector<int64_t>{2, 21, d.facts().n_forcing}));
}

TEST_F(Library, DataRefuseWhatIsNotThere) {
  const auto d = Data::open(data());
  EXPECT_NE(what<DataError>([&] { d.fields("test", 2, 0, 1); }).find("2 trajectories of 21 snapshots"),
            std::string::npos);
  EXPECT_NE(what<DataError>([&] { d.fields("test", 0, 20, 2); }).find("21 snapshots"), std::string::npos);
  EXPECT_NE(what<DataError>([&] { d.fields("test", 0, -1, 1); }).find("21 snapshots"), std::string::npos);
  EXPECT_THROW(d.fields("test", 0, 0, 0), DataError);
  EXPECT_THROW(d.fields("other", 0, 0, 1), DataError);
  EXPECT_THROW(Data::open(folder_ + "/no.h5"), DataError);
  const Configuration cropped("", {"data.path=" + data(), "data.crop=x=0:40"});
  EXPECT_EQ(Data::open(data(), cropped).fields("val", 0, 0, 1).shape, (std::vector<int64_t>{1, 1, 40}));
}

TEST_F(Library, PredictsFromOneSnapshot) {
  const auto d = Data::open(data());
  const auto p = model_->predict(start_of(d), {.steps = 5, .members = 3, .seed = 7});
  const int64_t points = d.facts().axes[0].points;
  EXPECT_EQ(p.point.shape, (std::vector<int64_t>{1, 6, 1, points}));
  EXPECT_EQ(p.members.shape, (std::vector<int64_t>{3, 1, 6, 1, points}));
  EXPECT_EQ(p.mean.shape, p.point.shape);
  EXPECT_EQ(p.times.size(), 6u);
  const size_t n = p.mean.values.size();
  for (size_t i = 0; i < n; ++i) {
    const float a = p.members.values[i], b = p.members.values[n + i], c = p.members.values[2 * n + i];
    const float mean = (a + b + c) / 3;
    const float deviation =
        std::sqrt(((a - mean) * (a - mean) + (b - mean) * (b - mean) + (c - mean) * (c - mean)) / 2);
    ASSERT_NEAR(p.mean.values[i], mean, 1e-5) << i;
    ASSERT_NEAR(p.deviation.values[i], deviation, 1e-4) << i;
  }
  const auto again =
      model_->predict(start_of(d), {.steps = 5, .members = 3, .keep_members = false, .seed = 7});
  EXPECT_EQ(again.mean.values, p.mean.values);
  EXPECT_TRUE(again.members.empty());
  EXPECT_TRUE(model_->predict(start_of(d), {.steps = 2}).mean.empty());
  EXPECT_EQ(model_->predict(start_of(d)).times.size(), 21u);  // as long as training's
}

TEST_F(Library, PredictsSeveralAsEachAlone) {
  const auto d = Data::open(data());
  Start both = start_of(d);
  const auto second = d.fields("test", 1, 0, 1);
  both.first.values.insert(both.first.values.end(), second.values.begin(), second.values.end());
  both.first.shape[0] = 2;
  const auto p = model_->predict(both, {.steps = 3});
  const auto alone = model_->predict({.first = second, .t0 = 0}, {.steps = 3});
  EXPECT_EQ(std::vector<float>(p.point.values.begin() + static_cast<long>(alone.point.values.size()),
                               p.point.values.end()),
            alone.point.values);
}

TEST_F(Library, PredictRefuses) {
  Start start = start_of(Data::open(data()));
  EXPECT_THROW(model_->predict(start, {.steps = -1}), ConfigError);
  EXPECT_THROW(model_->predict(start, {.dt = -1}), ConfigError);
  EXPECT_THROW(model_->predict(start, {.members = -1}), ConfigError);
  EXPECT_THROW(model_->predict(start, {.scheme = "rk4"}), ConfigError);
  EXPECT_THROW(model_->predict(start, {.scheme = "none"}), ConfigError);
  auto mu = start;
  mu.mu = {{1, 9}, std::vector<float>(9)};
  EXPECT_THROW(model_->predict(mu), DataError);
  auto cut = start;
  cut.first.values.pop_back();
  EXPECT_NE(what<DataError>([&] { model_->predict(cut); }).find("first: got"), std::string::npos);
  auto nan = start;
  nan.first.values[3] = INFINITY;
  EXPECT_THROW(model_->predict(nan), DataError);
}

TEST_F(Library, ModelFilesComeBack) {
  model_->save(folder_ + "/copy");
  const auto copy = Model::load(folder_ + "/copy");
  for (const char* name : {"/model.safetensors", "/model.json"})
    EXPECT_EQ(bytes_of(folder_ + "/copy" + name), bytes_of(run() + "/model" + name)) << name;
  EXPECT_EQ(copy.facts().parameters, model_->facts().parameters);
  EXPECT_EQ(copy.facts().n_zeta, 20);
  EXPECT_EQ(copy.facts().axes[0].points, Data::open(data()).facts().axes[0].points);
  std::ofstream(folder_ + "/copy/model.safetensors") << "no";
  EXPECT_THROW(Model::load(folder_ + "/copy"), ModelFormatError);
  try {
    Model::load(folder_ + "/nothing");
    FAIL() << "loaded a model from nowhere";
  } catch (const Error& error) {
    EXPECT_NE(error.code(), ExitCode::ok);
  }
}

TEST_F(Library, ScoresModelsAndFiles) {
  const auto report = score_model(*model_, Data::open(data()), {.members = 3, .n_steps = 6});
  EXPECT_GT(report.metrics.at("rel_l2"), 0);
  EXPECT_GT(report.metrics.at("crps_fair"), 0);
  EXPECT_NE(report.json.find("\"split\": \"test\""), std::string::npos);
  EXPECT_THROW(score_model(*model_, Data::open(data()), {.split = "other"}), DataError);
  const auto same = score_two_files(data(), data());
  EXPECT_EQ(same.metrics.at("rmse"), 0);
  EXPECT_THROW(score_two_files(data(), folder_ + "/none.npy"), DataError);
}

TEST_F(Library, TrainingContinuesStopsAndIsReplaced) {
  const auto configuration = Configuration::of_case("kdv_1d", tiny());
  EXPECT_THROW(train_model(configuration, run()), ConfigError);  // is not empty
  const auto before = bytes_of(run() + "/model/model.safetensors");
  train_model(configuration, run(), {.resume = true});  // is finished
  EXPECT_EQ(bytes_of(run() + "/model/model.safetensors"), before);
  EXPECT_THROW(
      train_model(Configuration::of_case("kdv_1d", tiny({"train.lr=0.001"})), run(), {.resume = true}),
      ConfigError);
  const std::string own = folder_ + "/long";
  const auto endless =
      Configuration::of_case("kdv_1d", tiny({"data.path=" + data(), "train.max_steps=10000000"}));
  try {
    train_model(endless, own, {.max_seconds = .2});
    FAIL() << "ten million steps in no time";
  } catch (const Stopped& stopped) {
    EXPECT_EQ(stopped.code(), ExitCode::time_limit);
  }
  const auto short_one = Configuration::of_case("kdv_1d", tiny({"data.path=" + data()}));
  EXPECT_EQ(train_model(short_one, own, {.replace = true}).facts().parameters, model_->facts().parameters);
  EXPECT_EQ(bytes_of(own + "/model/model.safetensors"), before);
}

TEST(LibraryAlone, SaysItsVersionAndThreads) {
  const std::string version = library_version();
  EXPECT_EQ(std::count(version.begin(), version.end(), '.'), 2) << version;
  EXPECT_EQ(use_threads(1), 1);
  EXPECT_THROW(use_threads(-1), ConfigError);
}

TEST_F(Library, StepsThatFollowFromOddTimesAreRefusedWithTheirReason) {
  const auto d = Data::open(data());
  for (const double dt : {1e-300, 1e300, 1e5})
    EXPECT_NE(what<ConfigError>([&] { model_->predict(start_of(d), {.dt = dt}); }).find("training's end"),
              std::string::npos)
        << dt;
  EXPECT_NE(what<DataError>([&] { model_->predict({}); }).find("is empty"), std::string::npos);
  EXPECT_THROW(model_->predict(start_of(d), {.steps = 3, .dt = 1e300}), ConfigError);
}

}  // namespace
}  // namespace msde
