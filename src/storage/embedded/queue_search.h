// Queue lists with a filter.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "storage/embedded/engine.h"
#include "storage/embedded/read_allowance.h"
#include "storage/store.h"

namespace marconi::storage::embedded {

/// Looks for the queues of a project that a list request wants, in two ways in turn: through all
/// names in order, which soon finds what many queues match, and through the index of names, which
/// soon finds what few match. Whichever comes to its end first has the answer.
class QueueSearch {
 public:
  QueueSearch(Engine& engine, base::Patience patience, const domain::ProjectId& project,
              const QueueListRequest& request);

  /// The page, in the order of names. `would_block` if it takes much and there is no patience.
  base::Result<std::vector<QueueEntry>> run();

 private:
  using Outcome = base::Result<bool>;  ///< true: the answer is complete

  Outcome walk_names(std::size_t rows);
  Outcome walk_index(std::size_t rows);
  Outcome walk_new_queues(std::size_t rows);
  base::Result<void> consider(QueueNumber number);
  base::Result<void> consider(const StateRecord& state);
  base::Result<std::optional<QueueEntry>> wanted(std::string_view name,
                                                 std::string_view record) const;

  Engine& engine_;
  const base::Patience patience_;
  const domain::ProjectId& project_;
  const QueueListRequest& request_;
  const std::string prefix_;
  const QueueNumber indexed_;  ///< read before anything else: queues below it are in the index

  ReadAllowance allowance_;
  std::optional<Cursor> names_;
  std::vector<QueueEntry> in_order_;

  std::optional<Cursor> parts_;
  std::optional<Cursor> new_queues_;
  std::map<std::string, QueueEntry> found_;  // the first ones by name, up to the limit
};

}  // namespace marconi::storage::embedded
