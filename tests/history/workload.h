// Clients of all roles at work on a few queues, until they are told to come to an end.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "history/api_client.h"
#include "history/dice.h"
#include "history/history.h"

namespace marconi::history {

struct WorkloadOptions {
  unsigned producers = 6;
  unsigned observers = 4;
  unsigned consumers = 6;
  unsigned deleters = 2;
  unsigned queues = 3;       ///< besides those of the special kinds
  unsigned pace = 10;        ///< milliseconds between two posts of a producer, on average
  bool claims_end = false;   ///< at the end, wait for all claims to end and take everything again
  bool clock_steps = false;  ///< things end early: most messages get a long life, and workers do
                             ///< not wait before they try what ended claims allow no more
  bool deletes_with_claims = false;  ///< the server has message_delete_with_claim_id
  std::uint64_t seed = 0;
  ApiClientOptions client;
};

/// What came of a run.
struct Recording {
  History history;
  std::vector<std::string> surprises;
  std::size_t cuts = 0;
};

/// Besides the ordinary queues there is one of each kind, numbered on from them. What lets messages
/// go unseen is kept away from the ordinary ones, so that these can be judged strictly.
enum class SpecialQueue : std::uint32_t {
  delayed,      ///< messages have delays, and are popped as well as claimed
  purged,       ///< purged now and then
  recreated,    ///< deleted now and then, and made anew by whoever comes first
  undelivered,  ///< messages move to the next one instead of being claimed for a third time
  dead_letter,  ///< those that moved, and others
  short_lived,  ///< messages live for the shortest time there is, and nobody claims them
};
inline constexpr unsigned kSpecialQueues = 6;

/// What a run does at its end in any case. So often messages are got, deleted and asked for again;
/// a queue is deleted and posted into anew; a message is claimed until it moves to the dead-letter
/// queue. But for the last, so many messages take part each time.
inline constexpr unsigned kLeastRounds = 2;
inline constexpr unsigned kLeastParts = 3;

/// The phases of a run: start() – whatever happens to the server meanwhile – finish(). Producers,
/// consumers and deleters stop first, and what every run must have done is done; observers go on
/// until they have reached the end; then, with `claims_end`, workers wait, try what their ended
/// claims no longer allow, and claim what is there; last, fresh observers scan each queue. The
/// server must be up during finish().
class Workload {
 public:
  explicit Workload(const WorkloadOptions& options) : options_(options) {}

  /// False if the queues cannot be made.
  [[nodiscard]] bool start();
  [[nodiscard]] Recording finish();

  /// Waits until the server has acknowledged so many posts from now on; false if that takes too
  /// long, or nobody posts.
  bool wait_for_posts(std::size_t posts, std::chrono::seconds within);

 private:
  using Claims = std::vector<Claimed>;

  void produce(ApiClient& client, Dice dice);
  void post(ApiClient& client, Dice& dice, std::uint32_t queue);
  void observe(ApiClient& client, std::uint32_t queue);
  void watch(ApiClient& client, std::uint32_t queue);
  void consume(ApiClient& client, Dice dice);
  void erase(ApiClient& client, Dice dice, std::uint32_t queue);
  void pop(ApiClient& client, Dice dice);
  void purge(ApiClient& client, Dice dice);
  void recreate(ApiClient& client, Dice dice);
  void fail(ApiClient& client, Dice dice);
  void read(ApiClient& client, Dice dice);
  [[nodiscard]] std::int64_t message_ttl(Dice& dice) const;
  void do_the_least();
  [[nodiscard]] bool get_and_erase(ApiClient& client, std::uint32_t queue);
  [[nodiscard]] bool remove_and_post(ApiClient& client, bool creates);
  [[nodiscard]] bool claim_until_dead_letter(ApiClient& client);
  void end_claims();
  void scan_all();

  template <class Work>
  void spawn(std::vector<std::thread>& threads, Role role, unsigned number, Work work);
  [[nodiscard]] bool create_queues();
  void spawn_observers();
  static void join(std::vector<std::thread>& threads);
  /// One that cuts no connections.
  [[nodiscard]] ApiClient calm_client(Role role, ApiVersion version = ApiVersion::v2);
  void keep(ApiClient& client);
  /// What a queue is made with.
  [[nodiscard]] std::string metadata_of(std::uint32_t queue) const;
  [[nodiscard]] std::uint32_t number_of(SpecialQueue kind) const {
    return options_.queues + static_cast<std::uint32_t>(kind);
  }
  /// A special one only now and then; one of the first `special` of them.
  [[nodiscard]] std::uint32_t any_queue(Dice& dice, unsigned special) const;

  WorkloadOptions options_;
  Numbers numbers_;
  std::atomic<bool> over_ = false;   ///< producers and all who change something stop
  std::atomic<bool> quiet_ = false;  ///< they have stopped
  std::vector<std::thread> changing_;
  std::vector<std::thread> observing_;
  std::atomic<bool> seen_out_ = false;  ///< watchers stop
  std::vector<std::thread> watching_;
  std::mutex mutex_;       // guards what follows
  std::size_t posts_ = 0;  ///< acknowledged
  std::condition_variable posted_;
  Recording recording_;
  Claims left_to_clock_;
};

}  // namespace marconi::history
