// marconi-gc: clears up behind the servers that share a store, until it is told to stop.
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "config/configuration.h"
#include "config/option_table.h"
#include "gc/collector_factory.h"
#include "gc/loop.h"
#include "gc/metrics_file.h"
#include "gc/progress_line.h"
#include "gc/quiet_terminal.h"
#include "gc/signal_watch.h"
#include "observability/log_output.h"
#include "program/command_line.h"
#include "program/settings.h"
#include "program/signals.h"

namespace marconi::gc {
namespace {

constexpr auto kName = "marconi-gc";
constexpr auto kRoom = "gc";

constexpr auto kDescription =
    "The garbage collector of Marconi servers that share a MongoDB.\n\n"
    "Every gc_interval seconds it makes a pass over the queues of all projects. It removes expired "
    "messages from queues that have gc_threshold of them or more, and messages that came to "
    "queues when these had been removed; it completes posts and moves that a crash broke off, and "
    "frees queues that a dead "
    "poster of the reference service has stalled. Both options are in the group "
    "[drivers:message_store:mongodb]. The newest message of a queue always stays.\n\n"
    "No message is lost, late or seen twice because it does not run. Two or three instances on "
    "different machines are a good number: they need not know of each other, and each begins at a "
    "random moment of its first interval. It reads the configuration of marconi-server. With a "
    "store for which the server collects by itself it ends at once.\n\n";

constexpr auto kFooter =
    "SIGINT, SIGTERM, SIGHUP and SIGQUIT end it, also in the middle of a pass; a second one at "
    "once. If standard input is a terminal, its echo is off while it runs.\n"
    "Exit status: 0 when it was told to end, after --once, or without anything to do; 1 if the "
    "configuration or the start fails, or the pass of --once could not do everything.\n\n"
    "From cron, every five minutes:\n"
    "  */5 * * * * marconi-gc --once --log-file /var/log/marconi/gc.log >/dev/null";

struct Arguments {
  program::CommonArguments common;
  bool once = false;
  std::string metrics_file;
};

void declare(CLI::App& app, Arguments& arguments) {
  app.set_version_flag("--version", std::string("marconi-gc " MARCONI_VERSION));
  program::declare(app, arguments.common);
  app.add_flag("--once", arguments.once, "Makes one pass, at once, and ends; for cron");
  app.add_option("--metrics-file", arguments.metrics_file,
                 "Writes counts to this file after each pass, for Prometheus's node exporter")
      ->type_name("FILE");
  app.footer(kFooter);
}

int complain(const base::Error& error) {
  // In one piece: the log may be written to the same place at the same time.
  std::cerr << "ERROR: " + error.description + '\n';
  return EXIT_FAILURE;
}

int complain(const base::Error& error, const observability::Logger& logger) {
  logger.error("ended by an error", {{"reason", error.description}});
  return complain(error);
}

/// Those who want to know of the passes.
class Listeners {
 public:
  Listeners(const Arguments& arguments, const base::Clock& clock,
            const observability::Logger& logger) {
    if (!arguments.metrics_file.empty()) {
      add(std::make_unique<MetricsFile>(arguments.metrics_file, logger));
    }
    if (isatty(STDOUT_FILENO) != 0) add(std::make_unique<ProgressLine>(std::cout, clock));
  }

  [[nodiscard]] std::vector<PassListener*> all() const {
    std::vector<PassListener*> listeners;
    for (const auto& listener : owned_) listeners.push_back(listener.get());
    return listeners;
  }

 private:
  void add(std::unique_ptr<PassListener> listener) { owned_.push_back(std::move(listener)); }

  std::vector<std::unique_ptr<PassListener>> owned_;
};

int collect(const Arguments& arguments, const config::Configuration& configuration,
            observability::LogSink& log, const std::stop_token& stop) {
  const observability::Logger logger(log, kRoom);
  const base::SystemClock clock;
  base::SystemRandom random;
  const auto collector = open_collector(configuration, clock, random, log);
  if (!collector) return complain(collector.error(), logger);
  if (!*collector) {
    std::cout << "The configured storage driver does not support GC.\n";
    logger.info("the configured storage driver does not support GC");
    return EXIT_SUCCESS;
  }
  const Listeners listeners(arguments, clock, logger);
  Loop loop(**collector, {.interval = program::gc_interval(configuration), .once = arguments.once},
            {.clock = clock, .random = random}, listeners.all(), logger);
  if (auto done = loop.run(stop); !done && !stop.stop_requested()) {
    return complain(done.error());
  }
  logger.info("stopped");
  return EXIT_SUCCESS;
}

int run(const Arguments& arguments) {
  const auto table = config::OptionTable::standard();
  const auto configuration = program::load(table, arguments.common.sources);
  if (!configuration) return complain(configuration.error());
  const program::Signals signals{SIGQUIT};  // which a terminal sends, too
  const base::SystemClock clock;
  const auto log =
      observability::LogOutput::open(program::log_options(*configuration, kName), clock);
  if (!log) return complain(log.error());
  const observability::Logger logger(**log, kRoom);

  QuietTerminal terminal(STDIN_FILENO);
  const SignalWatch watch(signals, [&] {
    terminal.restore();
    logger.info("stopping");
  });
  std::cout << "Starting marconi-gc. Use CTRL+C to exit..." << std::endl;
  logger.info("starting", {{"version", MARCONI_VERSION}});
  for (const auto& line : program::warnings_of(*configuration)) {
    logger.warning("configuration", {{"warning", line}});
  }
  try {
    return collect(arguments, *configuration, **log, watch.stop());
  } catch (const std::exception& error) {
    return complain({base::ErrorKind::internal, {}, error.what()}, logger);
  }
}

}  // namespace
}  // namespace marconi::gc

int main(int argc, char** argv) {
  using namespace marconi;
  CLI::App app(std::string(gc::kDescription) + program::about_files(), gc::kName);
  gc::Arguments arguments;
  gc::declare(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
  }
  program::complete(arguments.common);
  return gc::run(arguments);
}
