// Group commit: posts to a queue that arrive while another is under way go together as one.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "storage/mongodb/publisher.h"

namespace marconi::storage::mongodb {

/// The posts of this process, queue by queue. Thread-safe.
class PostLines {
 public:
  PostLines(const Shared& shared, Publisher& publisher) : shared_(shared), publisher_(publisher) {}

  /// Publishes the drafts, in order, in one batch with those of others. Waits until they are.
  Result<void> post(const std::string& scope, std::vector<Draft> drafts);

 private:
  /// One call that waits. By mutex_ but for the drafts of a call that was taken out of the line.
  struct Waiting {
    std::vector<Draft> drafts;
    std::optional<Result<void>> result;
  };

  struct Line {
    std::deque<Waiting*> waiting;
    bool under_way = false;
    std::size_t callers = 0;
    std::condition_variable changed;
  };

  static std::vector<Waiting*> take_group(Line& line);
  Result<void> publish(const std::string& scope, const std::vector<Waiting*>& group);

  const Shared& shared_;
  Publisher& publisher_;
  std::mutex mutex_;
  std::map<std::string, Line, std::less<>> lines_;  ///< of queues that are being posted to
};

}  // namespace marconi::storage::mongodb
