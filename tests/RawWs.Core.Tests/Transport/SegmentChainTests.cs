using System.Buffers;
using RawWs.Transport;

namespace RawWs.Tests.Transport;

public sealed class SegmentChainTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1_000)]
    [InlineData(3, 20_000)]
    [InlineData(4, 200_000)]
    public void Whatever_is_filled_and_consumed_comes_out_in_order_and_every_array_goes_back_once(int seed, int mostAtOnce)
    {
        using var watch = new ArrayPoolWatch(onlyThisThread: true).Start();
        var (random, chain, model, next) = (new Random(seed), new SegmentChain(), new List<byte>(), (byte)0);

        for (var step = 0; step < 3000; step++)
        {
            switch (random.Next(4))
            {
                case 0 or 1:
                    var memory = chain.GetMemory(random.Next(3) == 0 ? random.Next(mostAtOnce) : 1);
                    var count = Math.Min(random.Next(mostAtOnce + 1), memory.Length);
                    foreach (ref var octet in memory.Span[..count])
                        model.Add(octet = next++);
                    chain.Fill(count);
                    chain.ReturnIfEmpty();
                    break;

                case 2:
                    var position = chain.Bytes.GetPosition(random.Next(model.Count + 1));
                    var consumed = (int)chain.Bytes.Slice(0, position).Length;
                    Assert.Equal(consumed == model.Count, chain.IsEnd(position));
                    chain.ConsumeTo(position);
                    model.RemoveRange(0, consumed);
                    break;

                default:
                    if (!chain.IsEmpty)
                    {
                        var some = random.Next(chain.First.Length + 1);
                        chain.Consume(some);
                        model.RemoveRange(0, some);
                    }

                    break;
            }

            Assert.Equal(model.Count, chain.Bytes.Length);
            Assert.Equal(model.Count == 0, chain.IsEmpty);
            if (step % 50 == 0)
                Assert.True(chain.Bytes.ToArray().AsSpan().SequenceEqual(model.ToArray()));
        }

        chain.Return();
        Assert.True(chain.IsEmpty);
        Assert.Equal(0, watch.OutstandingCount);
        Assert.Empty(watch.Faults);
    }

    [Fact]
    public void An_empty_chain_holds_no_array()
    {
        using var watch = new ArrayPoolWatch(onlyThisThread: true).Start();
        var chain = new SegmentChain();
        chain.GetMemory().Span[0] = 1;
        chain.Fill(1);
        Assert.Equal(1, watch.OutstandingCount);

        chain.ConsumeTo(chain.Bytes.End);
        Assert.Equal(0, watch.OutstandingCount);

        // Asked for and not filled.
        chain.GetMemory();
        Assert.Equal(1, watch.OutstandingCount);
        chain.ReturnIfEmpty();
        Assert.Equal(0, watch.OutstandingCount);
        chain.Return();
        Assert.Empty(watch.Faults);
    }

    [Fact]
    public void What_is_not_consumed_stays_where_it_is_while_more_is_filled_behind_it()
    {
        var chain = new SegmentChain();
        chain.GetMemory().Span[..100].Fill(7);
        chain.Fill(100);
        var held = chain.Bytes;

        for (var count = 0; count < 100; count++)
        {
            var length = chain.GetMemory().Length;
            chain.Fill(length);
        }

        Assert.All(held.ToArray(), octet => Assert.Equal(7, octet));
        Assert.True(held.FirstSpan.Overlaps(chain.Bytes.FirstSpan));
        chain.Return();
    }

    [Fact]
    public void Segments_grow_with_a_flow_that_fills_them_and_shrink_with_one_that_does_not()
    {
        var chain = new SegmentChain();
        int Flow(int length)
        {
            var largest = 0;
            for (var left = length; left > 0;)
            {
                var memory = chain.GetMemory();
                largest = Math.Max(largest, memory.Length);
                var count = Math.Min(left, memory.Length);
                chain.FillFromFlow(count);
                left -= count;
            }

            chain.ConsumeTo(chain.Bytes.End);
            return largest;
        }

        Assert.Equal(SegmentChain.MaxSegmentSize, Flow(1 << 20));
        Assert.Equal(SegmentChain.MaxFirstSegmentSize, Flow(SegmentChain.MaxFirstSegmentSize - 1));
        Assert.Equal(SegmentChain.MaxFirstSegmentSize, Flow(SegmentChain.MaxFirstSegmentSize / 2));
        for (var count = 0; count < 4; count++)
            Flow(1);

        Assert.Equal(SegmentChain.MinSegmentSize, Flow(1));
        chain.Return();
    }
}
