// Does to a server what a torture run's options say.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <filesystem>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "history/collector_process.h"
#include "history/database_process.h"
#include "history/fault_page.h"
#include "history/history.h"
#include "history/power_loss.h"
#include "history/probe.h"
#include "history/server_process.h"
#include "history/small_disk.h"
#include "history/store_time.h"
#include "history/torture_options.h"

namespace marconi::history {

struct FaultCounts {
  std::size_t kills = 0;
  std::size_t power_losses = 0;
  Losses losses;  ///< in these
  std::size_t stops = 0;
  std::size_t cuts = 0;
  std::size_t full_disks = 0;
  std::size_t error_spells = 0;  ///< times during which writes, syncs or reads failed
  std::size_t failed_writes = 0;
  std::size_t failed_syncs = 0;
  std::size_t failed_reads = 0;
  std::size_t refused_for_room = 0;
  std::size_t short_writes = 0;
  std::size_t recoveries = 0;  ///< reopenings of the database without a restart
  std::size_t clock_steps = 0;
  std::size_t database_kills = 0;
  std::size_t long_stops = 0;  ///< of servers, while other faults went on
  std::size_t collector_kills = 0;
  std::size_t collector_stops = 0;

  void add(const FaultCounts& other);
};

/// A server, what is done to it through the fault library, and a way to tell when it is well.
struct Host {
  Host(const ServerSetup& setup, const std::filesystem::path& store)
      : page(setup.fault_page, store), server(setup), probe(server.port()) {}

  FaultPage page;
  ServerProcess server;
  Probe probe;
};

/// What a run of faults needs; all of it outlives the driver.
struct FaultTargets {
  std::deque<Host>& hosts;    ///< one at least
  PowerLoss* power_loss;      ///< null if no fault needs it
  SmallDisk* small_disk;      ///< likewise
  DatabaseProcess* database;  ///< that the hosts share, if it is run for them; may be null
  std::deque<CollectorProcess>& collectors;  ///< beside the hosts
};

/// For one thread.
class FaultDriver {
 public:
  FaultDriver(const TortureOptions& options, const FaultTargets& targets, std::uint64_t seed);

  /// One fault after the other until the time is up, each kind once in their order and then at
  /// random; then everything works again. On a busy machine each kind once may take some time more,
  /// as may a long stop. An error if the server died, did not start, or did not get well after a
  /// fault.
  [[nodiscard]] std::expected<void, std::string> run();

  [[nodiscard]] FaultCounts counts() const;
  /// What the faults did to the store's clock. A shared store goes by a clock that they leave
  /// alone.
  [[nodiscard]] std::vector<ClockStep> clock_steps() const {
    return options_.has_shared_store() ? std::vector<ClockStep>() : time_.steps();
  }
  /// The time of the first fault, and that by which the server was well after the last one.
  [[nodiscard]] Time first_fault() const { return first_; }
  [[nodiscard]] Time well_again() const { return well_; }

 private:
  using Result = std::expected<void, std::string>;

  /// A host that is stopped while other faults go on.
  struct Sleeper {
    Host* host;
    std::chrono::steady_clock::time_point wakes;
  };

  Result do_one();
  Result do_to_host(const std::string& fault);
  Result do_to_collector(CollectorProcess& collector, const std::string& fault);
  Result do_to_both(CollectorProcess& collector, const std::string& fault);
  void hit(CollectorProcess& collector, const std::string& fault);
  Result let_go_on(CollectorProcess& collector, const std::string& fault);
  void fall_asleep();
  Result wake_up();
  void choose_host();
  [[nodiscard]] bool is_asleep(const Host& host) const { return asleep_ && asleep_->host == &host; }
  Result die(const std::string& fault);
  Result restart();
  Result stop(bool with_clock);
  Result fill_small_disk();
  Result spell(const std::string& fault);
  Result step_clock();
  Result kill_database();
  Result get_well();
  void begin_spell(const std::string& fault);
  void move_clock();
  void count_recoveries();
  [[nodiscard]] std::uint64_t openings() const;
  [[nodiscard]] Result check_alive() const;
  void wait_for_sync();
  Result start_in_spell(const std::string& fault);
  /// One of the wanted faults; empty: there is none.
  [[nodiscard]] std::string any_of(bool (*wanted)(std::string_view));
  [[nodiscard]] std::string any_death();
  [[nodiscard]] std::string any_spell();

  void sleep(double seconds) const;
  double between(double low, double high);
  bool chance(double share) { return between(0, 1) < share; }

  const TortureOptions& options_;
  FaultTargets targets_;
  Host* host_;  ///< that the present fault is about
  std::optional<Sleeper> asleep_;
  std::vector<std::string> faults_;
  std::mt19937_64 dice_;
  std::size_t done_ = 0;  ///< how many faults
  FaultCounts counts_;
  StoreTime time_;
  std::uint64_t openings_ = 0;  ///< of the database, by the present servers
  Time first_ = kNever;
  Time well_ = 0;
};

}  // namespace marconi::history
