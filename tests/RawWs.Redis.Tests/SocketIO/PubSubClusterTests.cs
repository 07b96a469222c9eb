using RawWs.Testing;

namespace RawWs.Redis.Tests.SocketIO;

/// <summary>Servers that are joined by channels, and emitters, which speak to such.</summary>
public sealed class PubSubClusterTests() : MixedClusterTests(AdapterKind.PubSub)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Emitters_reach_all(bool isOfNode)
    {
        var heard = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        One.IO.OnServerSide("hello", received => heard.SetResult(string.Join(' ', received.Values)));
        if (isOfNode)
        {
            await Node.EvaluateAsync("""
                emitter.to("room").except("second").emit("e", 1, Buffer.from([5]));
                emitter.emit("end");
                emitter.in("first").in("third").socketsJoin("x");
                emitter.in("room").socketsLeave("room");
                emitter.serverSideEmit("hello", 2);
                """);
        }
        else
        {
            await using var redis = await Rig.ConnectAsync();
            var emitter = new RedisEmitter(redis);
            await emitter.To("room").Except("second").EmitAsync("e", 1, (byte[])[5]);
            await emitter.EmitAsync("end");
            await emitter.In("first", "third").SocketsJoinAsync("x");
            await emitter.In("room").SocketsLeaveAsync("room");
            await emitter.ServerSideEmitAsync("hello", 2);
        }

        Assert.Equal(["451-[\"e\",1,{\"_placeholder\":true,\"num\":0}]", "#05", "42[\"end\"]"], await ReadAsync(Clients[0], 3));
        Assert.Equal("42[\"end\"]", await Clients[1].ReadAsync());
        await Eventually.HoldsAsync(() => Sockets[0].Rooms.Contains("x") && !Sockets[0].Rooms.Contains("room") && !Sockets[1].Rooms.Contains("room"));
        Assert.DoesNotContain("x", Sockets[1].Rooms);
        Assert.Equal("2", await heard.Task.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal(
            """[["e",1,{"type":"Buffer","data":[5]}],["end"],["hello of a server",2]]""",
            (await Node.EvaluateAsync("await until(() => socket.rooms.has('x') && !socket.rooms.has('room')); return (await take(3)).sort()")).GetRawText());
    }
}
