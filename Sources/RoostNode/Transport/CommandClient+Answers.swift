import RoostCore
import RoostZeroMQ

extension CommandClient {
    /// Messages taken from one owner before the thread turns to other work.
    private static let messagesPerTurn = 32

    func receive(from link: CommandLink) {
        do throws(ZeroMQError) {
            for _ in 0..<Self.messagesPerTurn {
                guard let frames = try link.socket.receive() else { break }
                link.isTurnedAway = false
                take(frames, from: link)
            }
        } catch {
            counted.count { $0.refuse("receive: \(error.call)") }
        }
        flushLater(link)
    }

    private func take(_ frames: [SharedBytes], from link: CommandLink) {
        counted.count { $0.received += 1 }
        do throws(CommandRefusal) {
            switch try CommandFrames.decode(frames, logID: logID) {
            case .answers(let answers):
                counted.count { $0.records += UInt64(answers.count) }
                for answer in answers { take(answer, from: link) }
            case .credit(let credit): link.credit = max(1, Int(credit))
            case .refused(let reason): refuse(link, reason)
            case .commands: throw .malformed
            }
        } catch {
            counted.count { $0.refuse("\(error)") }
        }
    }

    private func take(_ answer: CommandAnswer, from link: CommandLink) {
        guard let command = pending[answer.number], command.link === link, command.wasSent else {
            return counted.count { $0.refuse("lateAnswer") }
        }
        guard answer.outcome == .moved else { return settle(command, answer) }
        follow(answer, command)
    }

    /// The command was certainly not executed: it goes where the answer says, or waits for the next claim.
    private func follow(_ answer: CommandAnswer, _ command: PendingCommand) {
        let now = SocketThread.monotonicNanoseconds()
        release(command)
        guard let route = answer.route, route.epoch > command.request.epoch else {
            return wait(command)
        }
        routes.learn(route, to: command.request.partition, now: now)
        self.route(command, now)
    }

    /// Until the next tick.
    private func wait(_ command: PendingCommand) {
        command.link = nil
        command.wasSent = false
        unrouted.append(command)
    }

    /// The process there now executes nothing of this sender; one that was there before may have.
    private func refuse(_ link: CommandLink, _ reason: CommandRefusal) {
        counted.count { $0.refuse("refused: \(reason)") }
        for command in Array(pending.values) where command.link === link && command.wasSent {
            settle(
                command,
                command.request.answer(
                    .unknown, code: "\(reason)",
                    reason: "the process at \(link.endpoint) refused the connection: \(reason)",
                    next: "run the same version of Roost everywhere, and one cluster per endpoint"))
        }
    }

    /// Ends a command that got no answer.
    func giveUp(_ command: PendingCommand, code: String, reason: String) {
        if let link = command.link, link.isTurnedAway, !command.wasSent {
            return settle(command, turnedAway(command, link))
        }
        settle(
            command,
            command.request.answer(
                command.wasSent ? .unknown : .unavailable, code: code, reason: reason,
                next: "send it again with the same command ID: it is not executed twice"))
    }

    private func turnedAway(_ command: PendingCommand, _ link: CommandLink) -> CommandAnswer {
        command.request.answer(
            .unavailable, code: "keyRefused", reason: "the process at \(link.endpoint) does not accept this key",
            next: "add its public key to keys/allowed in the cluster's directory, then restart that process")
    }

    private func settle(_ command: PendingCommand, _ answer: CommandAnswer) {
        release(command)
        command.isSettled = true
        pending[command.request.number] = nil
        var answer = answer
        answer.number = command.callerNumber
        command.call.settle(command.index, answer)
    }

    /// Gives the credit back that the command used.
    private func release(_ command: PendingCommand) {
        guard command.wasSent, let link = command.link else { return }
        link.inFlight -= 1
        flushLater(link)
    }
}
