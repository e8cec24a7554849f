# A target for each call of the relay: bytes -> its request -> the handler's checks -> core, over a
# store in memory with a case under way. First corpora: make_relay_corpus CORPUS_DIR.
add_library(renkei_fuzz_relay_world STATIC EXCLUDE_FROM_ALL relay_rpc_world.cc)
target_compile_options(renkei_fuzz_relay_world PRIVATE ${RENKEI_WARNINGS})
target_link_libraries(renkei_fuzz_relay_world PUBLIC renkei_server_rpc renkei_test_relay_request
                      renkei_test_support_store)

set(rpcs
  Threads.Create Threads.Commit Threads.Append Threads.AppendPack Threads.Read Threads.List
  Threads.GetGroupInfo Threads.GiveBack Threads.Watch
  Mailbox.Fetch Mailbox.Ack Envelopes.Fetch Envelopes.FetchPacks
  Directory.Publish Directory.Sync Directory.UploadKeyPackages Directory.ClaimKeyPackages
  Directory.PublishRevocations
  Enrolment.CreateTicket Enrolment.SubmitRequest Enrolment.ListRequests Enrolment.AttachLink
  Enrolment.Approve Enrolment.GetApproval)
foreach(rpc ${rpcs})
  string(TOLOWER "rpc_${rpc}" name)
  string(REPLACE "." "_" name ${name})
  renkei_fuzz(NAME ${name} SOURCES relay_rpc.cc DEPS renkei_fuzz_relay_world)
  target_compile_definitions(${name}_fuzz PRIVATE RENKEI_FUZZ_RPC="${rpc}")
  list(APPEND quoted "\"${rpc}\"")
endforeach()

add_executable(make_relay_corpus make_relay_corpus.cc)
target_compile_options(make_relay_corpus PRIVATE ${RENKEI_WARNINGS})
string(JOIN "," quoted ${quoted})
target_compile_definitions(make_relay_corpus PRIVATE "RENKEI_FUZZ_RPCS=${quoted}")
target_link_libraries(make_relay_corpus PRIVATE renkei_fuzz_relay_world)
add_test(NAME fuzz.EveryCallOfTheRelayHasATarget
         COMMAND make_relay_corpus --check ${CMAKE_CURRENT_SOURCE_DIR}/corpus)
