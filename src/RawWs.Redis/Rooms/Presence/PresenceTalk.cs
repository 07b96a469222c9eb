using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RawWs.Redis.Client;
using RawWs.Redis.Diagnostics;

namespace RawWs.Redis.Rooms;

/// <summary>Hears who is in rooms on other nodes, tells members here, and answers those who ask. What this node has to say goes through <paramref name="sender"/>, but for questions and answers.</summary>
internal sealed class PresenceTalk(
    NodeId self, NodeChannel channel, PresenceSender sender, PresenceMirror mirror, IRoomReceiver receiver, RedisBackplaneOptions options, BackplaneMetrics metrics, ILogger logger) : RedisSubscriber
{
    // What has come and was not looked at yet: a part of everybody may have 64 KiB. What is dropped is known to be missing by its number.
    private const int InboxCapacity = 256;

    // Questions that are being answered at once; others who ask are told nothing, and know.
    private const int MaxAnswerCount = 8;

    private readonly Roster _roster = new(options.TimeProvider, Roster.Patience * options.HeartbeatInterval);
    private readonly ConcurrentDictionary<ulong, PendingMembers> _questions = new();
    private readonly LogPace _leftOutPace = new(options.TimeProvider);
    private readonly Wakeup _wakeup = new();
    private readonly Channel<PresenceMessage> _inbox = Channel.CreateBounded<PresenceMessage>(
        new BoundedChannelOptions(InboxCapacity) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private ulong _lastNumber;
    private int _answerCount;

    /// <inheritdoc/>
    public override void OnConfirmed() => sender.AskWhoIsHere();

    /// <inheritdoc/>
    public override void OnMessage(RedisMessage message)
    {
        if (!PresenceReader.TryRead(message.Payload.Span, out var said))
            metrics.Ignored("malformed");
        else if (said.Node != self)
            Take(said);
    }

    /// <summary>Tells members here what other nodes say, until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // However much comes, those who do not live are forgotten now and then.
            for (var turn = 0; turn < InboxCapacity && _inbox.Reader.TryRead(out var said); turn++)
            {
                var news = mirror.Take(said, out var mustAsk);
                if (mustAsk)
                    Say(PresenceWriter.Ask(self, said.Node));

                Tell(news);
            }

            Tell(mirror.KeepOnly([.. _roster.Living]));
            if (_inbox.Reader.Count > 0)
                _wakeup.Set();

            await _wakeup.WaitAsync(options.HeartbeatInterval, options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Says that this node ends, and answers nobody any more: what is left of an answer is not said.</summary>
    public Task SayGoneAsync() => channel.SayLastAsync(PresenceWriter.Gone(self));

    /// <summary>Asks all nodes that live who is in a room.</summary>
    /// <param name="room">The name of the room.</param>
    /// <param name="maxCount">How many to name.</param>
    /// <param name="isConnected">Whether others can be asked.</param>
    /// <param name="others">All other nodes that live: some may be of an earlier version, and not know what is asked.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<MemberList> FetchAsync(string room, int maxCount, bool isConnected, IReadOnlyCollection<NodeId> others, CancellationToken cancellationToken)
    {
        var (here, count) = (receiver.ReadMembers(room, maxCount), receiver.CountMembers(room));
        if (!isConnected)
            return new MemberList(here, count, 1, IsPartial: true);

        var asked = _roster.Living;
        var number = Interlocked.Increment(ref _lastNumber);
        var question = new PendingMembers(asked, here, maxCount);
        _questions[number] = question;
        try
        {
            if (!question.Complete.IsCompleted)
            {
                Say(PresenceWriter.Question(self, number, maxCount, room));
                await question.Complete.WaitAsync(options.CountTimeout, options.TimeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            _questions.TryRemove(number, out _);
        }

        var result = question.ResultWith(count);
        return result with { IsPartial = result.IsPartial || others.Except(asked).Any() };
    }

    private void Take(PresenceMessage said)
    {
        if (said is PresenceMessage.Gone)
        {
            _roster.Remove(said.Node);
            foreach (var question in _questions.Values)
                question.Excuse(said.Node);

            _wakeup.Set();
            return;
        }

        _roster.Hear(said.Node);
        switch (said)
        {
            case PresenceMessage.Question question:
                Answer(question);
                break;
            case PresenceMessage.Answer answer when answer.Asker == self && _questions.TryGetValue(answer.Number, out var question):
                question.Answer(answer);
                break;
            case PresenceMessage.Ask ask when ask.Asked == self:
                sender.TellEverybody();
                break;
            case PresenceMessage.Here or PresenceMessage.Changes or PresenceMessage.Page:
                if (said is PresenceMessage.Here { IsAsking: true })
                    sender.TellHere();

                _inbox.Writer.TryWrite(said);
                _wakeup.Set();
                break;
        }
    }

    private void Tell(PresenceNews news)
    {
        foreach (var (room, member, hasJoined) in news.Changes)
            receiver.DeliverPresence(room, member, hasJoined);

        if (news.LeftOutCount > 0 && _leftOutPace.TrySay(out _))
            RedisLog.PresenceLeftOut(logger, options.MaxPresenceCount);
    }

    private void Answer(PresenceMessage.Question question)
    {
        if (Interlocked.Increment(ref _answerCount) <= MaxAnswerCount)
        {
            // Not on the thread that reads from Redis: the room may be large.
            _ = Task.Run(() => AnswerAsync(question));
            return;
        }

        Interlocked.Decrement(ref _answerCount);
        metrics.NotSaid();
    }

    private async Task AnswerAsync(PresenceMessage.Question question)
    {
        try
        {
            var members = receiver.ReadMembers(question.Room, Math.Min(question.MaxCount, RedisRoomBackplane.MaxFetchCount));
            foreach (var part in PresenceWriter.Answers(self, question, receiver.CountMembers(question.Room), members))
            {
                if (!await channel.TrySayAsync(part, CancellationToken.None).ConfigureAwait(false))
                    return;
            }
        }
        finally
        {
            Interlocked.Decrement(ref _answerCount);
        }
    }

    // Nobody waits for it: what is lost is said again, or missing from an answer.
    private void Say(byte[] message) => _ = channel.TrySayAsync(message, CancellationToken.None);
}
