using FsCheck;
using FsCheck.Fluent;
using RawWs.Connections;
using RawWs.Protocol;
using RawWs.Tests.Protocol;

namespace RawWs.Tests.Connections;

public sealed class SendQueueTests
{
    private static readonly string?[] Keys = [null, "a", "b", "c", "d", "e"];

    private static readonly Gen<Step> AnyStep =
        from kind in Gen.Frequency(
            (12, Gen.Constant(Kind.Enqueue)), (8, Gen.Constant(Kind.Conflate)), (3, Gen.Constant(Kind.Wait)), (6, Gen.Constant(Kind.TakeFrame)),
            (4, Gen.Constant(Kind.TakeWaiter)), (4, Gen.Constant(Kind.DropOldest)), (2, Gen.Constant(Kind.GiveUp)), (1, Gen.Constant(Kind.DropFrames)))
        from key in Gen.Choose(0, Keys.Length - 1)
        from length in Gen.Choose(0, 20)
        from number in Gen.Choose(0, 30)
        select new Step(kind, Keys[key], length, number);

    [Fact]
    public void It_does_what_a_plain_list_does()
        => Properties.Check(Prop.ForAll(Arb.From(Gen.ArrayOf(AnyStep), WithoutSome), steps =>
        {
            var (queue, model) = (new SendQueue(), new Model());
            foreach (var step in steps)
                Same(step, queue, model);

            Same(new Step(Kind.DropFrames, null, 0, 0), queue, model);
            queue.RefuseWaiters();
            Assert.All(model.Waiters, waiter => Assert.True(waiter.Task.IsCompleted));
            Assert.True(queue.IsEmpty);
        }));

    // Longer than a generator makes them: the ring grows, is compacted with holes in it, and starts anew many times over.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void It_does_what_a_plain_list_does_for_long(int seed)
    {
        var random = new System.Random(seed);
        var (queue, model) = (new SendQueue(), new Model());
        var (kinds, growing) = (Enum.GetValues<Kind>(), true);
        for (var count = 0; count < 20_000; count++)
        {
            growing = random.Next(300) == 0 ? !growing : growing;
            var kind = random.Next(3) != 0 ? (growing ? (Kind)random.Next(3) : (Kind)(3 + random.Next(3))) : kinds[random.Next(kinds.Length - 1)];
            Same(new Step(kind, Keys[random.Next(Keys.Length)], random.Next(20), random.Next(30)), queue, model);
        }
    }

    [Fact]
    public void Newer_value_is_found_after_the_ring_was_compacted()
    {
        var queue = new SendQueue();
        for (var number = 0; number < 8; number++)
            queue.Enqueue(Frame(number), key: null);
        Assert.NotNull(queue.TryDequeueFrame(100));
        Assert.True(queue.TryDropOldest());
        queue.Enqueue(Frame(8), key: null);
        queue.Enqueue(Frame(9), "key");

        Assert.Equal((true, true), queue.Conflate(Frame(5), "key", room: 100));

        Assert.Equal([2, 3, 4, 5, 6, 7, 8, 5], Lengths(queue));
    }

    [Fact]
    public void Newer_value_takes_the_place_of_an_older_one_only_behind_everything_without_a_key()
    {
        var queue = new SendQueue();
        queue.Enqueue(Frame(1), "a");
        queue.Enqueue(Frame(2), "b");
        Assert.Equal((true, true), queue.Conflate(Frame(3), "a", room: 100));
        queue.Enqueue(Frame(4), key: null);
        Assert.Equal((true, false), queue.Conflate(Frame(5), "a", room: 100));
        queue.Enqueue(Frame(5), "a");
        Assert.Equal((true, true), queue.Conflate(Frame(6), "a", room: 100));
        Assert.Equal((false, false), queue.Conflate(Frame(7), "c", room: 100));

        Assert.Equal([2, 4, 6], Lengths(queue));
    }

    [Fact]
    public void What_was_dropped_behind_a_sender_that_waits_takes_no_room()
    {
        var queue = new SendQueue();
        var frame = Frame(1);
        queue.Enqueue(new SendWaiter());

        var most = 0L;
        for (var count = 0; count < 10_000; count++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            queue.Enqueue(frame, key: null);
            queue.TryDropOldest();
            most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        // When the ring is full it is made anew, as large as before.
        Assert.InRange(most, 0, 1000);
        Assert.Equal(0, queue.FrameCount);
    }

    // A direct sender that waits has called before, and sends a message without a key.
    [Fact]
    public void Newer_value_does_not_overtake_a_sender_that_waits()
    {
        var queue = new SendQueue();
        queue.Enqueue(Frame(1), "a");
        queue.Enqueue(new SendWaiter());

        Assert.Equal((true, false), queue.Conflate(Frame(2), "a", room: 100));
    }

    [Theory]
    [InlineData(10, 9, true)]
    [InlineData(10, 10, true)]
    [InlineData(10, 11, false)]
    [InlineData(-5, 0, true)]
    [InlineData(-5, 1, false)]
    public void Newer_value_takes_the_place_of_an_older_one_only_if_there_is_room(long room, int growth, bool isReplaced)
    {
        var queue = new SendQueue();
        queue.Enqueue(Frame(20), "a");

        Assert.Equal((true, isReplaced), queue.Conflate(Frame(20 + growth), "a", room));
    }

    [Fact]
    public void Sender_that_has_given_up_holds_up_nothing_behind_it()
    {
        var queue = new SendQueue();
        var waiter = new SendWaiter();
        queue.Enqueue(waiter);
        queue.Enqueue(Frame(1), key: null);
        Assert.Null(queue.TryDequeueFrame(100));

        waiter.SetCanceled(TestContext.Current.CancellationToken);

        Assert.Equal([1], Lengths(queue));
        Assert.True(queue.IsEmpty);
    }

    [Fact]
    public void Senders_that_have_given_up_do_not_pile_up()
    {
        var queue = new SendQueue();
        queue.Enqueue(new SendWaiter());
        var before = GC.GetAllocatedBytesForCurrentThread();
        var waiter = new SendWaiter();
        waiter.SetResult(false);
        for (var count = 0; count < 10_000; count++)
            queue.Enqueue(waiter);

        // Each compaction makes a new ring of the same few places.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000 * 64);
    }

    private static void Same(Step step, SendQueue queue, Model model)
    {
        switch (step.Kind)
        {
            case Kind.Enqueue:
                var frame = Frame(step.Length);
                queue.Enqueue(frame, step.Key);
                model.Enqueue(frame, step.Key);
                break;

            case Kind.Conflate:
                var newer = Frame(step.Length);
                var (key, room) = (step.Key ?? "f", step.Number - 15);
                var expected = model.Conflate(newer, key, room);
                Assert.Equal(expected, queue.Conflate(newer, key, room));
                if (!expected.IsReplaced)
                {
                    queue.Enqueue(newer, key);
                    model.Enqueue(newer, key);
                }

                break;

            case Kind.Wait:
                var waiter = new SendWaiter();
                queue.Enqueue(waiter);
                model.Enqueue(waiter, null);
                break;

            case Kind.TakeFrame:
                Assert.Same(model.TakeFirst<EncodedFrame>(first => first.Bytes.Length <= step.Length), queue.TryDequeueFrame(step.Length));
                break;

            case Kind.TakeWaiter:
                Assert.Same(model.TakeFirst<SendWaiter>(_ => true), queue.TryDequeueWaiter());
                break;

            case Kind.DropOldest:
                Assert.Equal(model.DropOldest(), queue.TryDropOldest());
                break;

            case Kind.GiveUp:
                model.GiveUp(step.Number);
                break;

            default:
                Assert.Equal(model.DropFrames(), queue.DropFrames());
                break;
        }

        Assert.Equal((model.Frames.Count(), model.Frames.Sum(frame => (long)frame.Bytes.Length)), (queue.FrameCount, queue.FrameBytes));
        Assert.Equal(model.IsEmpty, queue.IsEmpty);
    }

    private static EncodedFrame Frame(int length) => new(Opcode.Binary, length, isCompressed: false);

    private static List<int> Lengths(SendQueue queue)
    {
        var lengths = new List<int>();
        while (queue.TryDequeueFrame(long.MaxValue) is { } frame)
            lengths.Add(frame.PayloadLength);

        return lengths;
    }

    private static IEnumerable<Step[]> WithoutSome(Step[] steps)
        => Enumerable.Range(0, steps.Length).Select(index => (Step[])[.. steps[..index], .. steps[(index + 1)..]]);

    private enum Kind
    {
        Enqueue,
        Conflate,
        Wait,
        TakeFrame,
        TakeWaiter,
        DropOldest,
        GiveUp,
        DropFrames,
    }

    private sealed record Step(Kind Kind, string? Key, int Length, int Number);

    /// <summary>The same, said as simply as it can be.</summary>
    private sealed class Model
    {
        private readonly List<(object Content, string? Key, int Number)> _items = [];
        private readonly HashSet<int> _superseded = [];
        private int _count;
        private int _lastUnkeyed;

        public IEnumerable<EncodedFrame> Frames => _items.Select(item => item.Content).OfType<EncodedFrame>();

        public IEnumerable<SendWaiter> Waiters => _items.Select(item => item.Content).OfType<SendWaiter>();

        public bool IsEmpty => _items.Count == 0;

        public void Enqueue(object content, string? key)
        {
            _items.Add((content, key, ++_count));
            if (key is null)
                _lastUnkeyed = _count;
        }

        // The newest value of a key is the one that was put in last: one that is gone makes no older one the newest.
        public (bool WasThere, bool IsReplaced) Conflate(EncodedFrame frame, string key, long room)
        {
            var index = _items.FindLastIndex(item => item.Key == key);
            if (index < 0 || _superseded.Contains(_items[index].Number))
                return (false, false);

            var item = _items[index];
            if (item.Number < _lastUnkeyed || frame.Bytes.Length - ((EncodedFrame)item.Content).Bytes.Length > Math.Max(room, 0))
            {
                Remove(index);
                return (true, false);
            }

            _items[index] = (frame, key, item.Number);
            return (true, true);
        }

        public T? TakeFirst<T>(Func<T, bool> isWanted)
            where T : class
        {
            if (_items.Count == 0 || _items[0].Content is not T first || !isWanted(first))
                return null;

            Remove(0);
            return first;
        }

        public bool DropOldest()
        {
            var index = _items.FindIndex(item => item.Content is EncodedFrame);
            if (index >= 0)
                Remove(index);

            return index >= 0;
        }

        public int DropFrames()
        {
            var count = 0;
            while (DropOldest())
                count++;

            return count;
        }

        public void GiveUp(int number)
        {
            var waiters = Waiters.ToList();
            if (waiters.Count == 0)
                return;

            var waiter = waiters[number % waiters.Count];
            waiter.TrySetCanceled();
            _items.RemoveAll(item => item.Content == waiter);
        }

        private void Remove(int index)
        {
            var (_, key, number) = _items[index];
            _items.RemoveAt(index);
            if (key is null)
                return;

            // Once the newest is gone, what is left of its key are older values that nothing takes the place of.
            if (!_items.Exists(item => item.Key == key && item.Number > number))
                _superseded.UnionWith(_items.Where(item => item.Key == key).Select(item => item.Number));
        }
    }
}
