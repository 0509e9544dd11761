// Operations that several versions share as they are. Each reads its Exchange, calls a service
// and encodes the answer.
#pragma once

#include "api/exchange.h"
#include "api/handler.h"
#include "base/error.h"

namespace marconi::api {

base::Result<Response> list_versions(Exchange& exchange);     ///< the root document
base::Result<Response> confirm_liveness(Exchange& exchange);  ///< HEAD: without asking the store
base::Result<Response> ping(Exchange& exchange);              ///< asks whether the store answers

base::Result<Response> create_queue(Exchange& exchange);  ///< with metadata (v1.1, v2)
base::Result<Response> delete_queue(Exchange& exchange);
base::Result<Response> get_queue_stats(Exchange& exchange);  ///< zeros for a missing queue

base::Result<Response> get_message(Exchange& exchange);
base::Result<Response> delete_message(Exchange& exchange);

base::Result<Response> create_claim(Exchange& exchange);  ///< all members optional (v1.1, v2)
base::Result<Response> get_claim(Exchange& exchange);
base::Result<Response> update_claim(Exchange& exchange);  ///< all members optional (v1.1, v2)
base::Result<Response> delete_claim(Exchange& exchange);

}  // namespace marconi::api
