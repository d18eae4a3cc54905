import Foundation
import PithTraining

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What has to hold for the whole process before anything else is done.
enum ProcessSetup {
  static func prepare() {
    letThreadsSleep()
    // A write beyond the file-size limit then fails as any other, and is told as such.
    signal(SIGXFSZ, SIG_IGN)
  }

  /// Lets the first interrupt (or request to terminate) only be noted, so that the job saves what
  /// it has and stops; the second kills, as by default.
  static func catchInterrupts() {
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in Interruption.request() }
    action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
    sigemptyset(&action.sa_mask)
    sigaction(SIGINT, &action, nil)
    sigaction(SIGTERM, &action, nil)
  }

  /// Makes threads that wait for work sleep, after a moment: by default they spin for long, which
  /// takes the processor from the data loader and from other programs. Sleeping at once would cost
  /// a wake-up for each kernel: small networks ran seven times slower.
  ///
  /// The thread library reads this setting while the program is being loaded, so the program has
  /// to be started again with it; a setting of the user's stays.
  private static func letThreadsSleep() {
    #if os(Linux)
      guard getenv("OMP_WAIT_POLICY") == nil else { return }
      setenv("OMP_WAIT_POLICY", "passive", 1)
      setenv("GOMP_SPINCOUNT", "2000", 0)
      var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
      execv("/proc/self/exe", &arguments)
      for argument in arguments { free(argument) }
    #endif
  }
}
