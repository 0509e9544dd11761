#include "storage/embedded/name_index.h"

#include <set>
#include <string>

#include "storage/embedded/codec.h"
#include "storage/embedded/keys.h"

namespace marconi::storage::embedded {

using base::ErrorKind;
using base::Patience;
using base::Result;

namespace {

constexpr std::size_t kPartSize = 8;

/// The keys of one queue. A part that a name has twice has one key.
std::set<std::string> keys_of(const domain::ProjectId& project, std::string_view name,
                              QueueNumber number) {
  const auto begin = name_parts_prefix(project);
  std::set<std::string> keys;
  for (std::size_t at = 0; at < name.size(); ++at) {
    std::string key = begin;
    key += name.substr(at, kPartSize);
    key += QueueKey{number};
    keys.insert(std::move(key));
  }
  return keys;
}

}  // namespace

std::string NameIndex::prefix(const domain::ProjectId& project, std::string_view text) {
  // The end of a long text, since names tend to begin alike.
  if (text.size() > kPartSize) text.remove_prefix(text.size() - kPartSize);
  return name_parts_prefix(project).append(text);
}

Result<bool> NameIndex::extend(Patience patience, QueueDirectory& directory) {
  // Few enough for those who want to create queues meanwhile.
  constexpr int kAtOnce = 32;
  // No queue is removed between reading its name and writing its parts.
  const auto serial = directory.serialize_changes(patience);
  if (!serial) return std::unexpected(serial.error());
  const QueueKey from{indexed_.load()};
  auto states =
      journal_.database().scan(patience, Table::states, from, QueueKey{~std::uint64_t{0}});
  Batch batch(journal_.database());
  int taken = 0;
  QueueNumber next = indexed_;
  for (states.seek(from); states.valid() && taken < kAtOnce; states.next(), ++taken) {
    const auto number = number_in(states.key(), 0);
    const auto state = StateRecord::decode(states.value());
    if (!state) return base::fail(ErrorKind::unavailable, "the store holds a damaged queue state");
    for (const auto& key : keys_of(state->project, state->name, number)) {
      batch.put(Table::queues, key, {});
    }
    next = number + 1;
  }
  if (auto status = states.status(); !status) return std::unexpected(status.error());
  const bool is_last = taken < kAtOnce;
  // Of the numbers given out so far only those of removed queues are left.
  if (is_last) next = directory.next_number();
  if (taken > 0) {
    batch.put(Table::meta, kNamesIndexedKey, encode_counter(static_cast<std::int64_t>(next)));
    if (auto written = journal_.commit(patience, batch); !written) {
      return std::unexpected(written.error());
    }
  }
  indexed_ = next;
  return !is_last;
}

void NameIndex::put_removal(const Queue& queue, Batch& batch) const {
  if (queue.number >= indexed_) return;
  const auto& [project, name] = queue.address;
  for (const auto& key : keys_of(project, name.text(), queue.number)) {
    batch.erase(Table::queues, key);
  }
}

}  // namespace marconi::storage::embedded
