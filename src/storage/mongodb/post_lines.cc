#include "storage/mongodb/post_lines.h"

#include <iterator>
#include <utility>

#include "storage/mongodb/new_messages.h"

namespace marconi::storage::mongodb {

namespace {

/// A single call may bring this many, too.
constexpr std::size_t kLargestGroup = 1000;

}  // namespace

Result<void> PostLines::post(const std::string& scope, std::vector<Draft> drafts) {
  Waiting mine{.drafts = std::move(drafts), .result = std::nullopt};
  std::unique_lock lock(mutex_);
  Line& line = lines_[scope];
  ++line.callers;
  line.waiting.push_back(&mine);
  while (!mine.result) {
    if (line.under_way) {
      line.changed.wait(lock);
      continue;
    }
    // One of those who wait works for all of them.
    line.under_way = true;
    const auto group = take_group(line);
    lock.unlock();
    const auto result = publish(scope, group);
    lock.lock();
    for (Waiting* served : group) served->result = result;
    line.under_way = false;
    line.changed.notify_all();
  }
  if (--line.callers == 0) lines_.erase(scope);
  return *std::move(mine.result);
}

/// The first in the line, and as many behind it as go together.
std::vector<PostLines::Waiting*> PostLines::take_group(Line& line) {
  std::vector<Waiting*> group;
  std::size_t size = 0;
  while (!line.waiting.empty()) {
    size += line.waiting.front()->drafts.size();
    if (!group.empty() && size > kLargestGroup) break;
    group.push_back(line.waiting.front());
    line.waiting.pop_front();
  }
  return group;
}

Result<void> PostLines::publish(const std::string& scope, const std::vector<Waiting*>& group) {
  std::vector<Draft> all;
  for (Waiting* one : group) {
    all.insert(all.end(), std::make_move_iterator(one->drafts.begin()),
               std::make_move_iterator(one->drafts.end()));
  }
  NewMessages batch(shared_, scope, std::move(all));
  return publisher_.publish(scope, batch);
}

}  // namespace marconi::storage::mongodb
