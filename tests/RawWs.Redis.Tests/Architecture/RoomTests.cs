using Mono.Cecil;
using Mono.Cecil.Cil;
using RawWs.Testing;

namespace RawWs.Redis.Tests.Architecture;

/// <summary>The rooms of the library and who may use whom. A room is a folder of the source, and the end of a namespace but for what applications use.</summary>
public sealed class RoomTests
{
    private static readonly string Source = Path.Combine(RepositoryRoot.Path, "src", "RawWs.Redis");

    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["Resp"] = [],
        ["Diagnostics"] = [],
        ["Client"] = ["Resp", "Diagnostics"],
        ["Rooms"] = ["Client", "Resp", "Diagnostics"],
        ["SocketIO"] = ["Client", "Resp", "Diagnostics"],
    };

    private static readonly Dictionary<string, string[]> MustNotKnow = new()
    {
        ["Resp"] = ["System.Net.Sockets", "System.IO.Pipelines", "System.Threading.Tasks", "System.TimeProvider", "Microsoft.Extensions.Logging"],
        ["Client"] = ["RawWs.Room", "RawWs.IRoom", "RawWs.SocketIO"],
        ["Rooms"] = ["System.Net.Sockets", "System.IO.Pipelines", "RawWs.SocketIO"],
        ["SocketIO"] = ["System.Net.Sockets", "System.IO.Pipelines"],
    };

    [Fact]
    public void Every_room_uses_only_the_rooms_below_it()
    {
        var rooms = RoomsByType();
        var arrows =
            from type in Types()
            where rooms.ContainsKey(NameOf(type))
            let room = rooms[NameOf(type)]
            from used in UsedBy(type)
            let name = NameOf(used)
            where used.Scope == type.Module && rooms.ContainsKey(name)
            let other = rooms[name]
            where room != other && !MayUse[room].Contains(other)
            select $"{room}/{NameOf(type)} uses {other}/{name}";

        Assert.Empty(arrows.Distinct());
    }

    [Fact]
    public void Every_room_is_known_and_has_types()
        => Assert.Equal(MayUse.Keys.Order(StringComparer.Ordinal), RoomsByType().Values.Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void No_room_knows_what_it_must_not()
    {
        var rooms = RoomsByType();
        var leaks =
            from type in Types()
            where rooms.ContainsKey(NameOf(type)) && MustNotKnow.ContainsKey(rooms[NameOf(type)])
            from used in UsedBy(type)
            from forbidden in MustNotKnow[rooms[NameOf(type)]]
            where used.FullName.StartsWith(forbidden, StringComparison.Ordinal)
            select $"{NameOf(type)} uses {used.FullName}";

        Assert.Empty(leaks.Distinct());
    }

    private static Dictionary<string, string> RoomsByType()
        => Directory.EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Source, file))
            .Where(file => !file.StartsWith("obj", StringComparison.Ordinal) && !file.StartsWith("bin", StringComparison.Ordinal))
            .Select(file => (Type: Path.GetFileName(file).Split('.')[0], Room: Path.GetDirectoryName(file)!))
            .Distinct()
            .ToDictionary(pair => pair.Type, pair => pair.Room, StringComparer.Ordinal);

    private static IEnumerable<TypeDefinition> Types()
        => ModuleDefinition.ReadModule(typeof(RedisClient).Assembly.Location).Types.Where(type => type.Namespace.StartsWith("RawWs", StringComparison.Ordinal));

    private static string NameOf(TypeReference type)
    {
        var outermost = type.GetElementType();
        while (outermost.DeclaringType is not null)
            outermost = outermost.DeclaringType;

        return outermost.Name.Split('`')[0];
    }

    private static IEnumerable<TypeReference> UsedBy(TypeDefinition type)
        => type.NestedTypes.SelectMany(UsedBy)
            .Concat(type.Fields.Select(field => field.FieldType))
            .Concat(type.Methods.SelectMany(method => method.Parameters.Select(parameter => parameter.ParameterType).Append(method.ReturnType)
                .Concat(method.HasBody ? method.Body.Instructions.SelectMany(UsedBy) : [])));

    private static IEnumerable<TypeReference> UsedBy(Instruction instruction) => instruction.Operand switch
    {
        TypeReference used => [used],
        MethodReference used => [used.DeclaringType, used.ReturnType],
        FieldReference used => [used.DeclaringType, used.FieldType],
        _ => [],
    };
}
