#include "history/fault_driver.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <thread>

#include "history/api_client.h"
#include "history/worker.h"

namespace marconi::history {
namespace {

using std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr auto kGetsWellWithin = std::chrono::seconds(60);
constexpr Time kHour = 3600 * kSecond;
constexpr double kOutlastsClaims = static_cast<double>(kClaimTtl) + 2;  // seconds

steady_clock::time_point from_now(double seconds) {
  return steady_clock::now() + std::chrono::duration_cast<steady_clock::duration>(Seconds(seconds));
}

bool is_death(std::string_view fault) {
  return fault == "kill" || fault == "lose" || fault == "torn";
}

bool is_spell(std::string_view fault) { return fault == "full" || fault.ends_with("-error"); }

}  // namespace

void FaultCounts::add(const FaultCounts& other) {
  kills += other.kills;
  power_losses += other.power_losses;
  losses.add(other.losses);
  stops += other.stops;
  cuts += other.cuts;
  full_disks += other.full_disks;
  error_spells += other.error_spells;
  failed_writes += other.failed_writes;
  failed_syncs += other.failed_syncs;
  failed_reads += other.failed_reads;
  refused_for_room += other.refused_for_room;
  short_writes += other.short_writes;
  recoveries += other.recoveries;
  clock_steps += other.clock_steps;
  database_kills += other.database_kills;
  long_stops += other.long_stops;
  collector_kills += other.collector_kills;
  collector_stops += other.collector_stops;
}

FaultDriver::FaultDriver(const TortureOptions& options, const FaultTargets& targets,
                         std::uint64_t seed)
    : options_(options), targets_(targets), host_(&targets_.hosts.front()), dice_(seed) {
  for (const std::string& fault : options.faults) {
    if (fault != "cut" && fault != "none") {  // cutting is up to the clients
      faults_.push_back(fault);
    }
  }
  openings_ = openings();
}

FaultDriver::Result FaultDriver::run() {
  const auto until = from_now(options_.seconds);
  Result state;
  const auto owes_some = [this] { return done_ < faults_.size(); };
  while (state && (steady_clock::now() < until || asleep_ || owes_some())) {
    // The first comes early, so that a short cycle has one.
    const auto end = asleep_ ? std::max(until, asleep_->wakes) : until;
    const double left = Seconds(end - steady_clock::now()).count();
    const double pause = between(0.1, 1.5);
    sleep(owes_some() ? pause : std::min(pause, left));
    state = check_alive();
    if (state && asleep_ && steady_clock::now() >= asleep_->wakes) {
      state = wake_up();
    } else if (state) {
      state = do_one();
    }
  }
  if (asleep_) {
    asleep_->host->server.resume();
  }
  for (Host& host : targets_.hosts) {
    host.page.heal();
  }
  if (state) {
    state = get_well();
  }
  well_ = now();
  return state;
}

FaultCounts FaultDriver::counts() const {
  FaultCounts counts = counts_;
  for (Host& host : targets_.hosts) {
    const faults::ControlPage& page = *host.page;
    counts.failed_writes += page.failed_writes;
    counts.failed_syncs += page.failed_syncs;
    counts.failed_reads += page.failed_reads;
    counts.refused_for_room += page.refused_for_room;
    counts.short_writes += page.short_writes;
  }
  return counts;
}

FaultDriver::Result FaultDriver::do_one() {
  if (faults_.empty()) {
    return {};
  }
  first_ = std::min(first_, now());
  // Each once, then at random.
  const std::string& fault = faults_[done_ < faults_.size() ? done_ : dice_() % faults_.size()];
  ++done_;
  if (const std::size_t collectors = targets_.collectors.size();
      collectors > 0 && (fault == "kill" || fault == "stop")) {
    // The first time any of both, at once; then any of all.
    if (done_ <= faults_.size()) {
      return do_to_both(targets_.collectors[dice_() % collectors], fault);
    }
    const std::size_t chosen = dice_() % (targets_.hosts.size() + collectors);
    if (chosen < collectors) {
      return do_to_collector(targets_.collectors[chosen], fault);
    }
  }
  choose_host();
  return do_to_host(fault);
}

FaultDriver::Result FaultDriver::do_to_host(const std::string& fault) {
  if (fault == "long-stop") {
    fall_asleep();
    return {};
  }
  if (fault == "database") {
    return kill_database();
  }
  if (is_death(fault)) {
    return die(fault);
  }
  if (fault == "stop" || fault == "suspend") {
    return stop(fault == "suspend");
  }
  if (fault == "clock") {
    return step_clock();
  }
  return fault == "full-disk" ? fill_small_disk() : spell(fault);
}

void FaultDriver::choose_host() {
  do {
    host_ = &targets_.hosts[dice_() % targets_.hosts.size()];
  } while (is_asleep(*host_));
}

// ---- The end of the process --------------------------------------------------------------------

FaultDriver::Result FaultDriver::die(const std::string& fault) {
  count_recoveries();
  if (fault != "kill" && chance(0.7)) {
    wait_for_sync();
  }
  host_->server.kill();
  time_.died(now());
  host_->page->syncs_under_way = 0;
  ++counts_.kills;
  host_->page.heal();
  if (fault != "kill") {
    const auto kind = fault == "torn" ? PowerLoss::Kind::torn : PowerLoss::Kind::everything;
    const auto losses = targets_.power_loss->strike(kind, dice_);
    if (!losses) {
      return std::unexpected(losses.error());
    }
    ++counts_.power_losses;
    counts_.losses.add(*losses);
  }
  if (std::ranges::find(faults_, "clock") != faults_.end() && chance(0.3)) {
    move_clock();
  }
  if (const std::string failing = any_spell(); !failing.empty() && chance(0.3)) {
    if (const auto done = start_in_spell(failing); !done) {
      return done;
    }
  }
  if (chance(0.3)) {  // again while it starts, or right after
    auto started = host_->server.start();
    if (!started) {
      return started;
    }
    sleep(between(0, 0.05));
    openings_ = openings();
    return die(any_death());
  }
  return restart();
}

FaultDriver::Result FaultDriver::kill_database() {
  targets_.database->kill();
  ++counts_.database_kills;
  sleep(between(0, 1.5));
  if (auto started = targets_.database->start(); !started) {
    return started;
  }
  return get_well();
}

/// The worst moment to lose power is in the middle of a sync.
void FaultDriver::wait_for_sync() {
  const auto until = steady_clock::now() + std::chrono::milliseconds(200);
  while (host_->page->syncs_under_way == 0 && steady_clock::now() < until) {
    std::this_thread::yield();
  }
}

/// The start may fail, in an orderly way. Either way the process is gone afterwards.
FaultDriver::Result FaultDriver::start_in_spell(const std::string& fault) {
  begin_spell(fault);
  const auto started = host_->server.start();
  const bool crashed = host_->server.crashed();
  host_->page.heal();
  host_->server.kill();
  return started || !crashed ? Result() : started;
}

FaultDriver::Result FaultDriver::restart() {
  auto started = host_->server.start();
  openings_ = openings();
  if (!started) {
    return started;
  }
  return get_well();
}

std::string FaultDriver::any_of(bool (*wanted)(std::string_view)) {
  std::vector<std::string> chosen;
  std::ranges::copy_if(faults_, std::back_inserter(chosen), wanted);
  return chosen.empty() ? std::string() : chosen[dice_() % chosen.size()];
}

std::string FaultDriver::any_death() { return any_of(is_death); }
std::string FaultDriver::any_spell() { return any_of(is_spell); }

// ---- Without work for a while
// --------------------------------------------------------------------

FaultDriver::Result FaultDriver::stop(bool with_clock) {
  const Time from = now();
  host_->server.pause();
  sleep(between(0.05, options_.longest_stop));
  if (with_clock) {
    const Time slept = static_cast<Time>(between(1, 3600)) * kSecond;
    time_.moved(now(), time_.wall_offset() + slept);
    host_->page->clock_offset = time_.wall_offset();
    ++counts_.clock_steps;
  }
  host_->server.resume();
  time_.disturbed(from, now());
  ++counts_.stops;
  return get_well();
}

/// One host at a time, and once in a cycle: the others have to do the work, all of them in the end.
void FaultDriver::fall_asleep() {
  if (asleep_ || counts_.long_stops > 0) {
    return;
  }
  host_->server.pause();
  asleep_ = Sleeper{host_, from_now(between(kOutlastsClaims, kOutlastsClaims + 5))};
}

FaultDriver::Result FaultDriver::wake_up() {
  asleep_->host->server.resume();
  asleep_.reset();
  ++counts_.long_stops;
  return get_well();
}

FaultDriver::Result FaultDriver::do_to_collector(CollectorProcess& collector,
                                                 const std::string& fault) {
  hit(collector, fault);
  sleep(fault == "stop" ? between(0.05, options_.longest_stop) : between(0, 0.5));
  return let_go_on(collector, fault);
}

FaultDriver::Result FaultDriver::do_to_both(CollectorProcess& collector, const std::string& fault) {
  hit(collector, fault);
  choose_host();
  auto done = do_to_host(fault);
  auto going_on = let_go_on(collector, fault);
  return done ? going_on : done;
}

void FaultDriver::hit(CollectorProcess& collector, const std::string& fault) {
  if (fault == "stop") {
    collector.process().pause();
    ++counts_.collector_stops;
  } else {
    collector.process().kill();
    ++counts_.collector_kills;
  }
}

/// Whoever looked after the processes meanwhile may have started one that was killed.
FaultDriver::Result FaultDriver::let_go_on(CollectorProcess& collector, const std::string& fault) {
  if (fault == "stop") {
    collector.process().resume();
    return {};
  }
  return collector.keep_running();
}

FaultDriver::Result FaultDriver::step_clock() {
  move_clock();
  return get_well();
}

void FaultDriver::move_clock() {
  const Time step = chance(0.5) ? kHour : static_cast<Time>(between(65, 900)) * kSecond;
  time_.moved(now(), time_.wall_offset() + (chance(0.6) ? step : -step));
  host_->page->clock_offset = time_.wall_offset();
  ++counts_.clock_steps;
}

// ---- A failing disk
// ------------------------------------------------------------------------------

FaultDriver::Result FaultDriver::fill_small_disk() {
  const Time from = now();
  targets_.small_disk->fill();
  sleep(between(0.05, 1.5));
  targets_.small_disk->clear();
  ++counts_.full_disks;
  time_.disturbed(from, now());
  return get_well();
}

FaultDriver::Result FaultDriver::spell(const std::string& fault) {
  const Time from = now();
  begin_spell(fault);
  sleep(between(0.05, 1.5));
  const std::string death = any_death();
  if (!death.empty() && chance(0.25)) {
    time_.disturbed(from, now());
    return die(death);
  }
  host_->page.heal();
  const auto well = get_well();
  time_.disturbed(from, now());
  return well;
}

void FaultDriver::begin_spell(const std::string& fault) {
  if (fault == "full") {
    ++counts_.full_disks;
    host_->page->room = static_cast<std::int64_t>(between(0, 65536));
    return;
  }
  ++counts_.error_spells;
  // Reads are few: not so small a share of them.
  constexpr double kShares[] = {0.2, 1, 0.02};
  const auto share = static_cast<std::uint32_t>(kShares[dice_() % (fault == "read-error" ? 2 : 3)] *
                                                faults::kMillion);
  if (fault == "write-error") {
    host_->page->write_errors = share;
  } else if (fault == "sync-error") {
    host_->page->sync_errors = share;
  } else {
    // Little is read while memory holds everything. A failed sync has the store open its files.
    host_->page->read_errors = share;
    host_->page->sync_errors = faults::kMillion;
    sleep(0.05);
    host_->page->sync_errors = 0;
  }
}

// ---- Afterwards
// ----------------------------------------------------------------------------------

FaultDriver::Result FaultDriver::get_well() {
  const auto until = steady_clock::now() + kGetsWellWithin;
  const auto well = [this](Host& host) { return is_asleep(host) || host.probe.post(); };
  while (!std::ranges::all_of(targets_.hosts, well)) {
    if (auto alive = check_alive(); !alive) {
      return alive;
    }
    if (steady_clock::now() > until) {
      return std::unexpected(fmt::format(
          "the server takes no post, {} s after the last fault was over", kGetsWellWithin.count()));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  time_.seen(now());
  count_recoveries();
  return {};
}

void FaultDriver::count_recoveries() {
  const std::uint64_t now_open = openings();
  counts_.recoveries += now_open - openings_;
  openings_ = now_open;
}

std::uint64_t FaultDriver::openings() const {
  std::uint64_t sum = 0;
  for (Host& host : targets_.hosts) {
    sum += host.page->openings;
  }
  return sum;
}

FaultDriver::Result FaultDriver::check_alive() const {
  for (Host& host : targets_.hosts) {
    if (auto alive = host.server.check_alive(); !alive) {
      return alive;
    }
  }
  for (CollectorProcess& collector : targets_.collectors) {
    if (auto running = collector.keep_running(); !running) {
      return running;
    }
  }
  return {};
}

void FaultDriver::sleep(double seconds) const { std::this_thread::sleep_for(Seconds(seconds)); }

double FaultDriver::between(double low, double high) {
  return std::uniform_real_distribution<double>(low, high)(dice_);
}

}  // namespace marconi::history
