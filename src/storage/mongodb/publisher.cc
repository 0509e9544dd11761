#include "storage/mongodb/publisher.h"

#include <algorithm>
#include <thread>

#include "base/random.h"
#include "storage/mongodb/commit_record_publisher.h"
#include "storage/mongodb/counting_publisher.h"
#include "storage/mongodb/transaction_publisher.h"

namespace marconi::storage::mongodb {

std::string_view name_of(Mode mode) {
  switch (mode) {
    case Mode::transactions:
      return "transactions";
    case Mode::commit_record:
      return "commit_record";
    case Mode::show_and_count:
      break;
  }
  return "show_and_count";
}

std::unique_ptr<Publisher> make_publisher(Mode mode, const Shared& shared) {
  switch (mode) {
    case Mode::transactions:
      return std::make_unique<TransactionPublisher>(shared);
    case Mode::commit_record:
      return std::make_unique<CommitRecordPublisher>(shared);
    case Mode::show_and_count:
      break;
  }
  return std::make_unique<CountingPublisher>(shared);
}

std::int64_t lifted(const Options& options, const ObjectId& queue, std::int64_t next) {
  return options.mixed_operation ? next : std::max(next, lifted_start(queue.second()));
}

bool Attempts::next() {
  const auto& how = shared_.options.contention;
  const int most = std::max(1, how.max_attempts);
  if (number_ == most) return false;
  if (number_ > 0) {
    std::this_thread::sleep_for(how.max_retry_sleep * number_ / most +
                                how.max_retry_jitter * base::random_fraction(shared_.random));
    if (std::chrono::steady_clock::now() > give_up_at_) return false;
  }
  ++number_;
  return true;
}

std::unexpected<base::Error> Attempts::exhausted() {
  return base::fail(base::ErrorKind::unavailable, "too many others post to the queue");
}

}  // namespace marconi::storage::mongodb
