#include "storage/embedded/embedded_store.h"

#include <sys/statvfs.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "storage/embedded/claim_store.h"
#include "storage/embedded/committer.h"
#include "storage/embedded/engine.h"
#include "storage/embedded/keys.h"
#include "storage/embedded/message_store.h"
#include "storage/embedded/queue_store.h"
#include "storage/embedded/sweeper.h"

namespace marconi::storage::embedded {

using namespace std::chrono_literals;
using base::ErrorKind;
using base::Patience;

namespace {

class EmbeddedStore final : public Store {
 public:
  EmbeddedStore(const Options& options, const base::Clock& clock, base::Random& random)
      : options_(options), clock_(clock), random_(random) {}

  ~EmbeddedStore() override {
    keeper_ = {};  // joins
    keep_time();
  }

  base::Result<void> start() {
    auto engine = Engine::open(options_, clock_, random_, committer_,
                               StoreMoment{.monotonic = clock_.monotonic_now()}, Floors{});
    if (!engine) return std::unexpected(engine.error());
    engines_.set(std::move(*engine));
    has_room_ = disk_has_room();
    keeper_ = std::jthread([this](const std::stop_token& stop) { keep(stop); });
    return {};
  }

  QueueStore& queues() override { return queues_; }
  MessageStore& messages() override { return messages_; }
  ClaimStore& claims() override { return claims_; }
  base::CommitFeed& commits() override { return committer_; }

  Result<void> ping(Call& call) override {
    const auto engine = present_engine(engines_);
    if (!engine) return std::unexpected(engine.error());
    std::string stamp;
    const auto found = (*engine)->database->get(call.patience(), Table::meta, kFormatKey, stamp);
    if (!found) return std::unexpected(found.error());
    if (committer_.is_stopped()) return base::fail(ErrorKind::unavailable, "writes are stopped");
    return {};
  }

  std::uint64_t collect_garbage() override {
    const std::scoped_lock lock(sweep_mutex_);
    auto engine = engines_.get();
    return engine ? Sweeper(std::move(engine)).run() : 0;
  }

 private:
  base::Result<void> sync() {
    const auto engine = engines_.get();
    if (!engine) return {};  // nothing was written since the database was closed
    return engine->database->sync();
  }

  void on_commit_failure() {
    {
      const std::scoped_lock lock(keeper_mutex_);
      reopen_ = true;
    }
    keeper_wake_.notify_one();
  }

  /// Watches the room on the disk, and reopens the database after a failed commit.
  void keep(const std::stop_token& stop) {
    std::unique_lock lock(keeper_mutex_);
    bool has_work = false;  // a short one under a lock, which others want in between
    while (!stop.stop_requested()) {
      keeper_wake_.wait_for(lock, stop, has_work ? 1ms : 1s, [this] { return reopen_; });
      if (std::exchange(reopen_, false) && !stop.stop_requested()) {
        lock.unlock();
        reopen(stop);
        lock.lock();
      }
      has_room_ = disk_has_room();
      keep_time();
      has_work = extend_names();
    }
  }

  void reopen(const std::stop_token& stop) {
    auto old = engines_.get();
    engines_.set(nullptr);
    StoreMoment latest{.monotonic = clock_.monotonic_now()};
    if (old) {
      // Calls under way hold on to the engine and are done in moments; new ones find none.
      while (old.use_count() > 1) std::this_thread::sleep_for(1ms);
      handed_out_ = old->directory.used_numbers();
      latest = old->clock.latest_moment();
      old.reset();
    }
    while (!stop.stop_requested()) {
      auto engine = Engine::open(options_, clock_, random_, committer_, latest, handed_out_);
      if (engine) {
        committer_.resume();  // while nobody can write: there is no engine yet
        {
          // Failures reported so far are about the former opening.
          const std::scoped_lock lock(keeper_mutex_);
          reopen_ = false;
        }
        engines_.set(std::move(*engine));
        return;
      }
      std::unique_lock lock(keeper_mutex_);
      keeper_wake_.wait_for(lock, stop, 1s, [] { return false; });
    }
  }

  /// Remembers the latest time acted on, so that a wall clock that is behind at the next start
  /// revives nothing. Best effort: a failure shows at the next change.
  void keep_time() {
    const auto engine = engines_.get();
    if (engine) (void)engine->keep_time(Patience::may_wait);
  }

  /// Takes some more names of queues into the index; false if there are no more for now.
  bool extend_names() {
    const auto engine = engines_.get();
    return engine && engine->names.extend(Patience::may_wait, engine->directory).value_or(false);
  }

  [[nodiscard]] bool disk_has_room() const {
    struct statvfs room{};
    if (statvfs(options_.path.c_str(), &room) != 0) return true;  // the next write will tell
    return static_cast<std::uint64_t>(room.f_bavail) * room.f_frsize >= options_.min_free_bytes;
  }

  const Options options_;
  const base::Clock& clock_;
  base::Random& random_;
  std::atomic<bool> has_room_{true};

  EngineHolder engines_;
  Floors handed_out_;
  std::mutex sweep_mutex_;  // no other lock is held when it is taken
  std::mutex keeper_mutex_;
  std::condition_variable_any keeper_wake_;
  bool reopen_ = false;

  // Ends before the engine does, as its last act is a sync.
  Committer committer_{options_.sync, [this] { return sync(); },
                       [this](const base::Error&) { on_commit_failure(); }};

  EmbeddedQueueStore queues_{engines_};
  EmbeddedMessageStore messages_{engines_, has_room_};
  EmbeddedClaimStore claims_{engines_};
  std::jthread keeper_;
};

}  // namespace

base::Result<std::unique_ptr<Store>> open(const Options& options, const base::Clock& clock,
                                          base::Random& random) {
  auto store = std::make_unique<EmbeddedStore>(options, clock, random);
  if (auto started = store->start(); !started) return std::unexpected(started.error());
  return store;
}

}  // namespace marconi::storage::embedded
