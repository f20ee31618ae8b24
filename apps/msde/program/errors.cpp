#include "apps/msde/program/errors.hpp"

#include <cstdio>
#include <exception>
#include <filesystem>
#include <iostream>
#include <new>

#include "msde/core/error.hpp"
#include "msde/core/options/nearest.hpp"
#include "msde/core/report/log.hpp"

namespace msde {
namespace {

// The subcommand that was reached when the parse stopped: "msde config explain" gives explain.
const CLI::App* deepest(const CLI::App* app) {
  for (auto chosen = app->get_subcommands(); !chosen.empty(); chosen = app->get_subcommands())
    app = chosen.back();
  return app;
}

std::string full_name(const CLI::App* app) {
  return (app->get_parent() ? full_name(app->get_parent()) + " " : "") + app->get_name();
}

std::vector<std::string> flags(const CLI::App* app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app->get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::vector<std::string> commands(const CLI::App* app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app->get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

std::string explain(const CLI::App* command, const CLI::ParseError& error) {
  const auto extras = command->remaining();
  for (const std::string& word : extras) {
    if (word.rfind("-", 0) == 0) {
      const std::string flag = word.substr(0, word.find('='));
      return "unknown flag '" + flag + "'" + did_you_mean(flag, flags(command));
    }
  }
  const auto known = commands(command);
  if (!known.empty()) {
    if (extras.empty()) return "expected a command";
    return "unknown command '" + extras.front() + "'" + did_you_mean(extras.front(), known);
  }
  if (!extras.empty()) return "unexpected argument '" + extras.front() + "'";
  return first_line(error.what());
}

}  // namespace

std::string first_line(const std::string& message) {
  return message.substr(0, message.find('\n'));
}

int report_current_exception() {
  try {
    throw;
  } catch (const Stopped& stopped) {
    spdlog::info("{}", stopped.what());
    return static_cast<int>(stopped.code());
  } catch (const Error& error) {
    spdlog::error("{}", error.what());
    return static_cast<int>(error.code());
  } catch (const std::filesystem::filesystem_error& error) {  // a path of a file that cannot be one
    spdlog::error("{}: {}", error.path1().string(), error.code().message());
    return static_cast<int>(ExitCode::data);
  } catch (const std::bad_alloc&) {
    spdlog::error("out of memory");
  } catch (const std::exception& error) {
    // LibTorch has no type for it.
    if (first_line(error.what()).find("can't allocate memory") != std::string::npos)
      spdlog::error("out of memory");
    else
      spdlog::error("unexpected: {}", first_line(error.what()));
  } catch (...) {
    spdlog::error("unexpected failure");
  }
  return static_cast<int>(ExitCode::unexpected);
}

int report_parse_error(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success))
    return app.exit(error, std::cout, std::cerr);
  const CLI::App* command = deepest(&app);
  spdlog::error("{}; see {} --help", explain(command, error), full_name(command));
  return static_cast<int>(ExitCode::config);
}

}  // namespace msde
