// Running a transaction on a connection.
#pragma once

#include <chrono>

#include "storage/mongodb/connection.h"

namespace marconi::storage::mongodb {

/// See Client::transact. `error` is the library's last one, if there was any, whatever came of it.
Result<Transacted> run_transaction(Connection& connection, const Client::TransactionBody& body,
                                   std::chrono::steady_clock::time_point give_up_at,
                                   bson_error_t* error);

}  // namespace marconi::storage::mongodb
